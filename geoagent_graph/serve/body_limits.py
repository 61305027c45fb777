"""Bodies of requests, bounded in size and in time while they arrive."""

import asyncio
import contextlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoagent_graph.serve.limits import Limits
from geoagent_graph.serve.problems import problem_response, too_many

UPLOAD_PATHS: Final = frozenset({"/v1/cases", "/v1/locate"})
TRIP_PATH: Final = "/v1/trips"
_FORM_BYTES: Final = 16_384  # beside the photo itself
_DRAIN_SECONDS: Final = 1.0


class BodyLimits:
    """Refuses bodies that are too long or too slow, whatever their Content-Length says.

    A response that comes before the end of a body waits a moment for the rest, because a client
    that still sends may not hear it; then the connection is closed.
    """

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that cannot be too much."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        most, seconds = self._allowed(scope)
        body = _Body(receive, most, self._limits.idle_seconds, seconds)

        async def send_after(message: Message) -> None:
            if message["type"] == "http.response.start" and not await body.drain():
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said[:20]) > most:
            await problem_response(413, _too_long(most))(scope, body, send_after)
            return
        await self._app(scope, body, send_after)

    def _allowed(self, scope: Scope) -> tuple[int, float]:
        """Return how many bytes a body may have, and how many seconds it may take to arrive."""
        limits = self._limits
        if not is_upload(scope):
            return limits.json_bytes, limits.upload_seconds
        if scope["path"] == TRIP_PATH:
            longer = max(1.0, limits.trip_bytes / limits.upload_bytes)
            return limits.trip_bytes + _FORM_BYTES, limits.upload_seconds * longer
        return limits.upload_bytes + _FORM_BYTES, limits.upload_seconds


class UploadSlots:
    """Lets a bounded number of photos arrive at a time; others wait, and give up in time."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._slots = asyncio.Semaphore(limits.uploads)
        self._seconds = limits.idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when it is its turn."""
        if scope["type"] != "http" or not is_upload(scope):
            await self._app(scope, receive, send)
            return
        try:
            await asyncio.wait_for(self._slots.acquire(), self._seconds)
        except TimeoutError:
            refused = too_many("too many uploads at a time; come back later", 5)
            response = problem_response(429, refused.detail, dict(refused.headers or {}))
            await response(scope, receive, send)
            return
        slot = _Slot(self._slots, receive)
        try:
            await self._app(scope, slot, send)
        finally:
            slot.free()


class _Slot:
    """A `receive` that gives its slot back once the body is there: the answer may take longer."""

    def __init__(self, slots: asyncio.Semaphore, receive: Receive) -> None:
        self._slots: asyncio.Semaphore | None = slots
        self._receive = receive

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        if not message.get("more_body", False):
            self.free()
        return message

    def free(self) -> None:
        """Give the slot back; once."""
        if self._slots is not None:
            self._slots.release()
            self._slots = None


def is_upload(scope: Scope) -> bool:
    """Return whether a request brings photos."""
    return bool(scope["method"] == "POST" and scope["path"] in (*UPLOAD_PATHS, TRIP_PATH))


class _Body:
    """A `receive` that raises instead of taking too much or waiting too long."""

    def __init__(self, receive: Receive, most: int, idle_seconds: float, seconds: float) -> None:
        self._receive = receive
        self._left = most
        self._most = most
        self._idle_seconds = idle_seconds
        self._seconds = seconds
        self._ends: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._ends is None:
            self._ends = now + self._seconds
        try:
            seconds = min(self._idle_seconds, max(0.0, self._ends - now))
            message = await asyncio.wait_for(self._next_message(), seconds)
        except TimeoutError as error:
            raise HTTPException(408, "the request came too slowly") from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, _too_long(self._most))
        return message

    async def drain(self) -> bool:
        """Drop what still comes; return whether it came to its end in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._whole:
                    await self._next_message()
        return self._whole

    async def _next_message(self) -> Message:
        message = await self._receive()
        self._whole = not message.get("more_body", False)
        return message


def _too_long(most: int) -> str:
    return f"the request holds more than {most:,} bytes"
