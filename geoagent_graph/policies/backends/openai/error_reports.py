"""An error as a server words it, in whichever of the usual forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geoagent_graph.policies.backends.openai.bodies import read_json_bytes
from geoagent_graph.policies.backends.openai.web_pages import words_of_page

_MESSAGE_KEYS: Final = ("message", "msg", "detail", "error_description", "title", "reason")
_KIND_KEYS: Final = ("type", "code", "status")
_MAX_DEPTH: Final = 4
_MAX_DETAILS: Final = 5
_MAX_PARAM_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Report:
    """An error as a server words it; `param` is the part of the request that it names."""

    message: str
    kinds: tuple[str, ...] = ()
    param: str = ""
    status: int | None = None


def report_in(content: Any, *, in_event: bool = False) -> Report | None:
    """Return the error in a body or an event; None where it holds none.

    A message alone is an error where a reply should be, not in an event.
    """
    for holder in _holders_of(content):
        error = holder.get("error")
        if isinstance(error, Mapping) and "error" in error:  # an error event around an error
            error = error["error"]
        if error and isinstance(error, Mapping | str):
            return _read_report(error)
    if not isinstance(content, Mapping):
        return None
    if content.get("object") == "error" or (not in_event and _is_bare_report(content)):
        return _read_report(content)
    errors = content.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], Mapping | str):
        return _read_report(errors[0])
    return None


def _holders_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a body that may hold an error."""
    if isinstance(content, list):
        yield from (item for item in content[:1] if isinstance(item, Mapping))
    if isinstance(content, Mapping):
        yield content
        choices = content.get("choices")
        if isinstance(choices, list):
            yield from (item for item in choices if isinstance(item, Mapping))


def _is_bare_report(content: Mapping[str, Any]) -> bool:
    """Whether a body is an error without the word: a message where a reply should be."""
    if "choices" in content or "data" in content or "models" in content:
        return False
    return any(content.get(key) for key in ("message", "detail", "msg"))


def _read_report(error: Mapping[str, Any] | str) -> Report:
    if isinstance(error, str):
        inner = read_json_bytes(error) if error.lstrip().startswith("{") else None
        deeper = report_in(inner)
        return deeper or Report(words_of_page(error) or error)
    kinds = tuple(str(error[key])[:100] for key in _KIND_KEYS if error.get(key))
    message = _words_of(error) or ", ".join(kinds) or "without words"
    return Report(message, kinds, _param_of(error), _status_in(error))


def _words_of(value: Any, depth: int = 0) -> str:
    """Return the words of an error, out of nested objects and lists of details."""
    if isinstance(value, str):
        return value
    if depth == _MAX_DEPTH:
        return ""
    if isinstance(value, list):
        if not all(isinstance(item, Mapping) for item in value):
            return str(value[:_MAX_DETAILS])
        return "; ".join(filter(None, (_words_of(v, depth + 1) for v in value[:_MAX_DETAILS])))
    if not isinstance(value, Mapping):
        return ""
    words = next(filter(None, (_words_of(value.get(k), depth + 1) for k in _MESSAGE_KEYS)), "")
    where = _location_of(value)
    return f"{where}: {words}" if where and words else words


def _location_of(value: Mapping[str, Any]) -> str:
    where = value.get("loc")
    if not isinstance(where, list):
        return ""
    return ".".join(str(part)[:40] for part in where[:6] if part != "body")


def _param_of(error: Mapping[str, Any]) -> str:
    value = error.get("param")
    return value[:_MAX_PARAM_CHARS] if isinstance(value, str) else ""


def _status_in(report: Mapping[str, Any]) -> int | None:
    """Return the HTTP status that an error names as its code or status."""
    for key in ("code", "status", "status_code"):
        value = str(report.get(key, ""))[:20]
        if value.isdecimal() and value.isascii() and 400 <= int(value[:4]) < 600:
            return int(value)
    return None
