"""Answers what is no message: the SDK would pass over it in silence, and who sent it would wait."""

import json
from contextvars import Context
from types import TracebackType
from typing import Any, Final, Self

import anyio
from mcp.shared.message import SessionMessage
from mcp.types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError
from pydantic import ValidationError

MAX_ID_SEARCH_BYTES: Final = 1 << 20
_CODES: Final = {
    PARSE_ERROR: "this line is no JSON, or a text in it is no Unicode (half of a surrogate pair)",
    INVALID_REQUEST: "this JSON is no message of JSON-RPC 2.0",
}


class ReadableMessages:
    """The messages of a client; each line that is none is answered with an error of JSON-RPC.

    A stream as the SDK reads it: `incoming` without its exceptions.
    """

    def __init__(self, incoming: Any, outgoing: Any) -> None:
        """Take the streams of a transport, of messages and exceptions in and of messages out."""
        self._incoming = incoming
        self._outgoing = outgoing

    @property
    def last_context(self) -> Context | None:
        """The context in which the last message was sent."""
        context: Context | None = getattr(self._incoming, "last_context", None)
        return context

    async def receive(self) -> Any:
        """Return the next message."""
        while True:
            message = await self._incoming.receive()
            if not isinstance(message, Exception):
                return message
            if _is_blank(message):
                continue
            await self._outgoing.send(SessionMessage(error_response(message)))

    async def aclose(self) -> None:
        """Close the stream of the transport."""
        await self._incoming.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def error_response(error: Exception) -> JSONRPCError:
    """Return what answers a line that could not be read, under its id where that can be found."""
    found = error.errors() if isinstance(error, ValidationError) else []
    is_json = bool(found) and found[0]["type"] != "json_invalid"
    code = INVALID_REQUEST if is_json else PARSE_ERROR
    numbers = (_id_in(part["input"]) for part in found)
    return JSONRPCError(
        jsonrpc="2.0",
        id=next((number for number in numbers if number is not None), None),
        error=ErrorData(code=code, message=_CODES[code]),
    )


def _is_blank(error: Exception) -> bool:
    line = error.errors()[0]["input"] if isinstance(error, ValidationError) else None
    return isinstance(line, str) and not line.strip()


def _id_in(found: Any) -> int | str | None:
    if isinstance(found, str | bytes) and len(found) <= MAX_ID_SEARCH_BYTES:
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return None
    number = found.get("id") if isinstance(found, dict) else None
    if isinstance(number, str):
        return number if number.isprintable() else None  # half of a surrogate pair is not
    return number if isinstance(number, int) and not isinstance(number, bool) else None
