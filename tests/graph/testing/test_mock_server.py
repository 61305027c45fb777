"""The mock server speaks the protocol; its model prefers what is on its way."""

import asyncio
import contextlib
import json
from typing import Any

import pytest

from geoagent_graph.testing.mock_server import (
    MockReply,
    MockRequest,
    MockServer,
    ScriptedModel,
    completion,
    http_reply,
)

MODEL = ScriptedModel.towards("Europe", "Portugal", "Lisbon")
PICTURE = {"type": "image_url", "image_url": {"url": "data:"}}


def request(*contents: Any, **body: Any) -> MockRequest:
    """Return a request with messages of the user."""
    messages = [{"role": "user", "content": content} for content in contents]
    return MockRequest("/v1/chat/completions", {"messages": messages, **body}, 0)


def content_of(reply: dict[str, Any]) -> str:
    """Return what a completion says."""
    content: str = reply["choices"][0]["message"]["content"]
    return content


def test_a_request_tells_words_from_pictures() -> None:
    asked = request("one", [{"type": "text", "text": "two"}, PICTURE])
    asked.body["messages"].append({"role": "assistant", "content": "mine"})
    assert (asked.text, asked.images) == ("one\ntwo", 1)


def test_the_model_chooses_the_letter_on_its_way() -> None:
    reply = MODEL(request("A. Spain\nB. Portugal\nC. France", logprobs=True))
    assert content_of(reply) == "B"
    tokens = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    assert max(tokens, key=lambda token: token["logprob"])["token"] == "B"
    lost = MODEL(request("A. Chad\nB. Peru", logprobs=True))
    assert content_of(lost) == "A"


def test_the_model_answers_in_the_form_it_is_asked_for() -> None:
    schema: dict[str, Any] = {
        "json_schema": {"schema": {"properties": {"decision": {}, "letter": {}}}}
    }
    verdict = json.loads(content_of(MODEL(request("?", response_format=schema))))
    assert verdict["decision"] == "accept"
    free = content_of(MODEL(request("Where is it?")))
    assert free.endswith("<answer>Portugal; Lisbon; Lisbon</answer>")


def test_a_reply_counts_its_bytes() -> None:
    (raw,) = http_reply("ü".encode(), 503, Retry_After="1").pieces
    assert raw.startswith(b"HTTP/1.1 503 Mock\r\n")
    assert b"Retry-After: 1\r\nContent-Length: 2\r\n\r\n" in raw


async def ask(server: MockServer, method_and_path: str, body: bytes = b"") -> bytes:
    """Return the bytes of a reply, up to its end or 0.5 kB."""
    port = int(server.base_url.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{method_and_path} HTTP/1.1\r\nAuthorization: Bearer Key\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = await reader.read(500)
    writer.close()
    return answer


async def test_it_lists_its_model_and_keeps_what_it_was_asked() -> None:
    async with MockServer(lambda asked: completion(asked.text.upper())) as server:
        assert b'"owned_by": "vllm"' in await ask(server, "GET /v1/models")
        body = json.dumps({"messages": [{"role": "user", "content": "hello"}]}).encode()
        assert b'"content": "HELLO"' in await ask(server, "POST /v1/chat/completions", body)
        assert [(item.number, item.key) for item in server.requests] == [(0, "key")]


async def test_it_goes_down_and_comes_back_at_the_same_address() -> None:
    async with MockServer(lambda _: completion("A")) as server:
        address = server.base_url
        server.go_down()
        with pytest.raises(ConnectionError):
            await ask(server, "GET /v1/models")
        await server.come_back()
        assert server.base_url == address
        assert b"200 Mock" in await ask(server, "GET /v1/models")


async def test_it_sends_what_it_is_told_byte_by_byte() -> None:
    async with MockServer(lambda _: MockReply((b"not ", b"HTTP"), reset=True)) as server:
        port = int(server.base_url.split(":")[2].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /v1/chat HTTP/1.1\r\nContent-Length: 16\r\n\r\n" + b'{"messages": []}')
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(8), 5) in (b"not ", b"not HTTP")
            await asyncio.wait_for(reader.read(), 5)  # ends: the connection was cut
        writer.close()
        assert [item.path for item in server.requests] == ["/v1/chat"]
