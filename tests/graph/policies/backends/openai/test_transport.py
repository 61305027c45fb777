"""The client goes to the named host alone, and reads no more than a reply can be."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from geoagent_graph.policies.backends.openai import transport


class Chunks(httpx2.AsyncByteStream):
    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for size in self.sizes:
            yield b"x" * size


async def received_bytes(
    monkeypatch: pytest.MonkeyPatch, *sizes: int, status: int = 200
) -> httpx2.Response:
    async def respond(self: object, request: httpx2.Request) -> httpx2.Response:
        headers = {"location": "http://elsewhere.invalid/"}
        return httpx2.Response(status, headers=headers, stream=Chunks(*sizes), request=request)

    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", respond)
    async with transport.open_http_client(5.0, 1.0, encrypted=False) as client:
        return await client.get("http://model.invalid/v1")


async def test_a_body_of_the_largest_size_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 30)
    reply = await received_bytes(monkeypatch, 10, 20)
    assert len(reply.content) == 30


async def test_one_byte_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 30)
    with pytest.raises(transport.BodyTooLarge, match="longer than 30 bytes"):
        await received_bytes(monkeypatch, 10, 20, 1)


async def test_redirects_proxies_and_compression_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    reply = await received_bytes(monkeypatch, 1, status=302)
    assert reply.status_code == 302
    assert reply.request.url.host == "model.invalid"
    assert reply.request.headers["accept-encoding"] == "identity"


async def test_times_allowed_are_those_given() -> None:
    async with transport.open_http_client(5.0, 1.0, encrypted=False) as client:
        assert (client.timeout.read, client.timeout.connect) == (5.0, 1.0)
        assert client.trust_env is False
