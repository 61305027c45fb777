"""The HTTP client below the OpenAI SDK: direct, no redirects, bodies of bounded size."""

from collections.abc import AsyncIterator
from typing import Final

import httpx2

MAX_BODY_BYTES: Final = 4_000_000
MAX_CONNECTIONS: Final = 64


class BodyTooLarge(httpx2.StreamError):
    """A body that is longer than any reply can be."""


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._inner:
            received += len(chunk)
            if received > MAX_BODY_BYTES:
                raise BodyTooLarge(f"the body is longer than {MAX_BODY_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedTransport(httpx2.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream)
        return response


def open_http_client(
    call_seconds: float, connect_seconds: float, *, encrypted: bool
) -> httpx2.AsyncClient:
    """Return a client that talks to the named host alone: no proxy, no redirect, no compression."""
    return httpx2.AsyncClient(
        transport=_BoundedTransport(
            verify=encrypted,  # certificates take long to load and plain HTTP has none
            limits=httpx2.Limits(
                max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS
            ),
        ),
        timeout=httpx2.Timeout(call_seconds, connect=connect_seconds, pool=call_seconds),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
    )
