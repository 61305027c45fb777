"""Bodies of requests, bounded in size and in time while they arrive."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geoagent_graph.serve.limits import Limits
from geoagent_graph.serve.problems import problem_response, too_many

UPLOAD_PATH: Final = "/v1/cases"
_FORM_BYTES: Final = 16_384  # beside the photo itself
_CLOSE: Final = {"Connection": "close"}  # nothing more of such a body is read


class Bodies:
    """Refuses bodies that are too long or too slow, whatever their Content-Length says."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._uploads = asyncio.Semaphore(limits.uploads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that cannot be too much."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        upload = scope["path"] == UPLOAD_PATH
        most = self._limits.upload_bytes + _FORM_BYTES if upload else self._limits.json_bytes
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said[:20]) > most:
            response = problem_response(413, _too_long(most), _CLOSE)
            await response(scope, receive, send)
            return
        bounded = _Body(receive, most, self._limits)
        if not upload:
            await self._app(scope, bounded, send)
            return
        await self._with_place(scope, bounded, send)

    async def _with_place(self, scope: Scope, body: "_Body", send: Send) -> None:
        try:
            await asyncio.wait_for(self._uploads.acquire(), self._limits.idle_seconds)
        except TimeoutError:
            refused = too_many("too many uploads at a time; come back later", 5)
            response = problem_response(429, refused.detail, {**(refused.headers or {}), **_CLOSE})
            await response(scope, body.receive, send)
            return
        try:
            await self._app(scope, body, send)
        finally:
            self._uploads.release()


class _Body:
    """A `receive` that raises instead of taking too much or waiting too long."""

    def __init__(self, receive: Receive, most: int, limits: Limits) -> None:
        self.receive = receive
        self._left = most
        self._most = most
        self._limits = limits
        self._ends: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self.receive()
        now = asyncio.get_running_loop().time()
        if self._ends is None:
            self._ends = now + self._limits.upload_seconds
        try:
            seconds = min(self._limits.idle_seconds, max(0.0, self._ends - now))
            message = await asyncio.wait_for(self.receive(), seconds)
        except TimeoutError as error:
            raise HTTPException(408, "the request came too slowly", _CLOSE) from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, _too_long(self._most), _CLOSE)
        self._whole = not message.get("more_body", False)
        return message


def _too_long(most: int) -> str:
    return f"the request holds more than {most:,} bytes"
