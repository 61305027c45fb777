"""What is wrong with a recipe, as one sentence: the key, the value, and what to write."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from geoagent_training.nearest_name import did_you_mean
from geoagent_training.value_words import (
    MAX_LISTED_NAMES,
    misfit_words,
    short_value,
    type_words,
)

Keys = tuple[str | int, ...]
_WRONG_KEYS: Final = ("extra_forbidden", "invalid_key")


def first_fault(error: ValidationError, kind: type[BaseModel], content: Any) -> str:
    """Return the first thing that is wrong with the content of a recipe of a kind."""
    details = error.errors(include_url=False)
    unknown = [one for one in details if one["type"] in _WRONG_KEYS]
    chosen = unknown[0] if unknown else _deepest(details, content)
    keys = _keys_in(chosen["loc"], content)
    if chosen["type"] == "extra_forbidden":
        return _unknown_key(keys, kind)
    where = ".".join(map(str, keys))
    if chosen["type"] == "value_error":
        said = chosen["msg"].removeprefix("Value error, ")
        return f"{where}: {said}" if where else said
    if "[key]" in chosen["loc"] or chosen["type"] == "invalid_key":
        return _wrong_key(where, chosen, kind, keys)
    if chosen["type"] == "missing" and isinstance(keys[-1], int):
        keys = keys[:-1]  # a list that is too short
    hint, metadata = _hint_at(kind, keys)
    if chosen["type"] == "missing" and isinstance(keys[-1], str):
        shown = ".".join(map(str, keys))
        if not _has(content, keys):
            return f"{shown} is missing: write {type_words(hint, metadata)}"
    return misfit_words(".".join(map(str, keys)), _value_at(content, keys), hint, metadata)


def coercion_words(content: Any, read: Any, kind: Any, keys: Keys = ()) -> str | None:
    """Return what was written as one type and would be read as another: "5", true for a number.

    Numbers such as 1e-5, which YAML takes for a text, are let through; so are empty choices.
    """
    if isinstance(read, BaseModel | Mapping | tuple | list):
        found = (
            coercion_words(given, value, kind, (*keys, key))
            for key, given, value in _pairs(content, read)
        )
        return next((fault for fault in found if fault), None)
    if not _is_changed(content, read):
        return None
    hint, metadata = _hint_at(kind, keys)
    return misfit_words(".".join(map(str, keys)), content, hint, metadata)


def is_number_text(text: str) -> bool:
    """Return whether a text is a number with an exponent, which YAML reads as a text."""
    try:
        float(text)
    except ValueError:
        return False
    return "e" in text.lower() and text[:1].isdigit()


def _is_changed(given: Any, read: Any) -> bool:
    if isinstance(read, Path):
        return isinstance(given, str) and (not given.strip() or "\0" in given)
    if isinstance(given, bool) or isinstance(read, bool):
        return type(given) is not type(read)
    if isinstance(given, str) and isinstance(read, int | float):
        return isinstance(read, int) or not is_number_text(given)
    return False


def _pairs(content: Any, read: Any) -> Iterator[tuple[str | int, Any, Any]]:
    """Yield (key, what was written, what was read) of what stands in both."""
    if isinstance(content, Mapping):
        values = dict(read) if isinstance(read, BaseModel) else read
        if isinstance(values, Mapping):
            yield from ((key, content[key], values[key]) for key in content if key in values)
    elif isinstance(content, list) and isinstance(read, tuple | list):
        yield from ((number, *pair) for number, pair in enumerate(zip(content, read, strict=False)))


def _deepest(details: Sequence[ErrorDetails], content: Any) -> ErrorDetails:
    """Return the first fault, or of a union the one of the part that was meant."""
    first = _keys_in(details[0]["loc"], content)
    inside = [one for one in details if _keys_in(one["loc"], content)[: len(first)] == first]
    if isinstance(_value_at(content, first), Mapping):
        inside.sort(key=lambda one: (one["type"].endswith("_type"), -len(one["loc"])))
    return inside[0]


def _keys_in(loc: Sequence[str | int], content: Any) -> Keys:
    """Return the keys of a place as the recipe has them, without pydantic's names of types."""
    keys: list[str | int] = []
    for number, part in enumerate(loc):
        if part == "[key]":
            continue
        if isinstance(content, Mapping):
            known = next((key for key in content if str(key) == str(part)), None)
            if known is not None:
                content = content[known]
                keys.append(known)
            elif number == len(loc) - 1 and _is_name(part):
                keys.append(part)
        elif isinstance(content, list) and isinstance(part, int):
            content = content[part] if part < len(content) else None
            keys.append(part)
    return tuple(keys)


def _is_name(part: str | int) -> bool:
    """Return whether a part of a place can be a key, and not a type such as `float`."""
    return isinstance(part, str) and part.isidentifier() and part.islower() and part != "float"


def _value_at(content: Any, keys: Keys) -> Any:
    for key in keys:
        if isinstance(content, Mapping):
            content = content.get(key)
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
    return content


def _has(content: Any, keys: Keys) -> bool:
    holder = _value_at(content, keys[:-1])
    return isinstance(holder, Mapping) and keys[-1] in holder


def _wrong_key(where: str, chosen: ErrorDetails, kind: type[BaseModel], keys: Keys) -> str:
    hint = _key_hint(kind, keys) if keys else str
    key = short_value(keys[-1] if keys else chosen["input"])
    return f"{where or 'recipe'}: the key {key} does not fit: write {type_words(hint)}"


def _unknown_key(keys: Keys, kind: type[BaseModel]) -> str:
    holder = _hint_at(kind, keys[:-1])[0] if keys[:-1] else kind
    known = [name for model in _models_in(holder) for name in model.model_fields]
    near = did_you_mean(str(keys[-1]), known)
    if not near and 0 < len(known) <= MAX_LISTED_NAMES:
        near = f"; known are {', '.join(known)}"
    return f"unknown key {'.'.join(map(str, keys))}{near}"


def _models_in(hint: Any) -> list[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [hint]
    return [model for part in get_args(hint) for model in _models_in(part)]


def _hint_at(kind: Any, keys: Keys) -> tuple[Any, list[Any]]:
    """Return the type of a value in a recipe and the bounds that stand beside it."""
    hint, metadata = kind, []
    for key in keys:
        fields = [model.model_fields for model in _models_in(hint)]
        field = next((known[key] for known in fields if key in known), None)
        if field is not None:
            hint, metadata = field.annotation, list(field.metadata)
        else:
            hint, metadata = _item_hint(hint), []
    return hint, metadata


def _item_hint(hint: Any) -> Any:
    """Return the type of the values of a mapping or a list."""
    if get_origin(hint) is Annotated:
        return _item_hint(get_args(hint)[0])
    if get_origin(hint) is dict:
        return get_args(hint)[1]
    if get_origin(hint) in (tuple, list):
        return get_args(hint)[0]
    return next((found for part in get_args(hint) if (found := _item_hint(part)) is not Any), Any)


def _key_hint(kind: Any, keys: Keys) -> Any:
    """Return the type of the keys of a mapping; those of a recipe are texts."""
    hint = _hint_at(kind, keys[:-1])[0]
    return get_args(hint)[0] if get_origin(hint) is dict else str
