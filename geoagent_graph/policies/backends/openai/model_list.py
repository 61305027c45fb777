"""A server's list of models, in each of the forms that servers give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

MAX_LISTED: Final = 2000
MAX_NAME_CHARS: Final = 200
_LIST_KEYS: Final = ("data", "models", "result", "results")
_NAME_KEYS: Final = ("id", "name", "model", "model_name", "key")
_CONTEXT_KEYS: Final = (
    "max_model_len", "loaded_context_length", "n_ctx", "context_length", "context_window",
    "max_context_length",
)  # fmt: skip
_MAX_CONTEXT_TOKENS: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model that a server offers, who owns it, and its context in tokens where it is said."""

    id: str
    owned_by: str = ""
    context_tokens: int | None = None


def read_models(body: Any) -> list[ListedModel]:
    """Return the models in a list of models; empty where there is none in it.

    Servers give `{"data": [{"id"}]}`, the bare list, `{"models": [{"name"}]}`, names alone, or an
    object by name.
    """
    models = _entries_of(body)
    found = [_read_model(entry) for entry in islice(models, MAX_LISTED)]
    return list({model.id: model for model in found if model.id}.values())


def _entries_of(body: Any) -> list[Any]:
    if isinstance(body, list):
        return body
    if not isinstance(body, Mapping):
        return []
    for key in _LIST_KEYS:
        inner = body.get(key)
        if isinstance(inner, list):
            return inner
        if isinstance(inner, Mapping):
            return [{"id": name, **_fields_of(fields)} for name, fields in inner.items()]
    return []


def _fields_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _read_model(entry: Any) -> ListedModel:
    if isinstance(entry, str):
        return ListedModel(entry[:MAX_NAME_CHARS])
    fields = _fields_of(entry)
    names = (fields.get(key) for key in _NAME_KEYS)
    name = next((value for value in names if isinstance(value, str) and value), "")
    owner = fields.get("owned_by")
    return ListedModel(
        id=name[:MAX_NAME_CHARS],
        owned_by=owner[:MAX_NAME_CHARS] if isinstance(owner, str) else "",
        context_tokens=_context_tokens(fields),
    )


def _context_tokens(fields: Mapping[str, Any]) -> int | None:
    """Return the longest context, as vLLM, SGLang, llama.cpp, LM Studio or a host states it."""
    for key in _CONTEXT_KEYS:
        for holder in (fields, _fields_of(fields.get("meta"))):
            value = holder.get(key)
            if isinstance(value, int) and 0 < value <= _MAX_CONTEXT_TOKENS:
                return value
    return None
