"""The body of a server's reply as plain values: JSON, whatever its type is called, or a stream."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic_core import from_json

EVENT_STREAM: Final = "text/event-stream"
_MAX_EVENTS: Final = 100_000
_JOINED: Final = ("content", "reasoning_content", "reasoning", "refusal")


def read_body(body: bytes, media_type: str) -> Any:
    """Return what a body holds; None where it is neither JSON nor a stream of events.

    A server that streams unasked has its pieces put together. NaN and infinity are kept as such:
    who reads a number checks that it is finite.
    """
    value = read_json_bytes(body)
    if value is None and is_stream(body, media_type):
        return _join_events(read_events(body))
    return value


def is_stream(body: bytes, media_type: str) -> bool:
    """Return whether a body is a stream of events, by its type or by how it begins."""
    return media_type == EVENT_STREAM or _without_mark(body).lstrip()[:5] in (b"data:", b"event")


def read_json_bytes(body: bytes | str) -> Any:
    """Return the JSON of a body, without a mark of the byte order; None where it is no JSON."""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        return from_json(text.removeprefix("\ufeff"), allow_inf_nan=True)
    except ValueError:  # what is no JSON is refused by whoever needs it
        return None


def read_events(body: bytes) -> Iterator[Any]:
    """Yield what the events of a stream hold; one called `error` is given as an error."""
    name = ""
    for line in _without_mark(body).decode("utf-8", "replace").splitlines()[:_MAX_EVENTS]:
        field, _, value = line.partition(":")
        if not line:
            name = ""
        elif field == "event":
            name = value.strip()
        elif field == "data":
            content = read_json_bytes(value.strip())
            yield {"error": content or value.strip()} if name == "error" else content


def _without_mark(body: bytes) -> bytes:
    """Return a body without a mark of the byte order."""
    return body.removeprefix(b"\xef\xbb\xbf")


def _join_events(events: Iterator[Any]) -> Any:
    """Return the pieces of a streamed completion as one; None where there is no piece."""
    joined: dict[str, Any] = {}
    message: dict[str, Any] = {}
    choice: dict[str, Any] = {"message": message}
    positions: list[Any] = []
    for event in events:
        if not isinstance(event, Mapping):
            continue
        joined.update({key: event[key] for key in ("model", "usage") if event.get(key)})
        pieces = event.get("choices")
        if isinstance(pieces, list) and pieces and isinstance(pieces[0], Mapping):
            joined["choices"] = [choice]
            _add_piece(pieces[0], choice, message, positions)
    if positions:
        choice["logprobs"] = {"content": positions}
    return joined or None


def _add_piece(
    piece: Mapping[str, Any], choice: dict[str, Any], message: dict[str, Any], positions: list[Any]
) -> None:
    given = piece.get("delta") or piece.get("message")
    delta: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    for key in _JOINED:
        given_piece: Any = delta.get(key)
        if isinstance(given_piece, str | list):  # a text, or parts
            known: Any = message.get(key)
            joins = isinstance(known, type(given_piece))
            message[key] = known + given_piece if joins else given_piece
    calls = delta.get("tool_calls")
    if isinstance(calls, list) and calls and isinstance(calls[0], Mapping):
        _add_arguments(calls[0], message)
    if piece.get("finish_reason"):
        choice["finish_reason"] = piece["finish_reason"]
    logprobs = piece.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    positions.extend(content if isinstance(content, list) else ())


def _add_arguments(call: Mapping[str, Any], message: dict[str, Any]) -> None:
    """Join the arguments of the first call, which come in pieces like a text."""
    function = call.get("function")
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    if isinstance(arguments, str) and call.get("index") in (None, 0):
        known = message.setdefault("tool_calls", [{"function": {"arguments": ""}}])
        known[0]["function"]["arguments"] += arguments
