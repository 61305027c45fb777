"""Servers that start: still loading the model, or behind a proxy that answers for them."""

import json
from collections.abc import Callable

import pytest

pytest.importorskip("openai")

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.backends.openai.faults import Fault, status_fault
from geoagent_graph.policies.backends.openai.profiles import LLAMA_CPP
from geoagent_graph.policies.model.chat import ChatRequest, Message
from geoagent_graph.testing.mock_server import MODEL, MockReply, MockServer, completion, http_reply

QUESTION = ChatRequest("draft", (Message("user", ("where?",)),), max_tokens=9)
LOADING = http_reply(b'{"error": {"code": 503, "message": "Loading model"}}', 503)
PAGE = http_reply(b"<html><head><title>502 Bad Gateway</title></head></html>", 502, "text/html")
LISTED = http_reply(json.dumps({"data": [{"id": MODEL, "owned_by": "llamacpp"}]}).encode())


def start_after(refusals: int, refusal: MockReply) -> Callable[[MockReply], MockReply]:
    """Return what a server replies that refuses so many requests of any kind before it works."""
    left = iter(range(refusals))
    return lambda reply: reply if next(left, None) is None else refusal


def starting_server(refusals: int, refusal: MockReply) -> MockServer:
    reply = start_after(refusals, refusal)
    text = http_reply(json.dumps(completion("Lisbon")).encode())
    return MockServer(lambda request: reply(text), models_reply=lambda: reply(LISTED))


def client_of(server: MockServer, **changes: object) -> OpenAIChat:
    options = {"base_url": server.base_url, "model": MODEL, "backoff_seconds": 1e-6, **changes}
    return OpenAIChat(ServerOptions.model_validate(options))


@pytest.mark.parametrize(("refusals", "refusal"), [(7, LOADING), (4, PAGE)])
async def test_a_server_that_starts_is_waited_for_and_then_known(
    refusals: int, refusal: MockReply
) -> None:
    async with starting_server(refusals, refusal) as server:
        chat = client_of(server)
        assert (await chat.reply(QUESTION)).text == "Lisbon"
        assert (await chat.kind()).profile is LLAMA_CPP
        await chat.aclose()


async def test_a_server_that_never_starts_ends_in_its_sentence() -> None:
    async with starting_server(99, LOADING) as server:
        chat = client_of(server, limited_attempts=3)
        with pytest.raises(PolicyError, match=r"it is still loading the model \(Loading model\)"):
            await chat.reply(QUESTION)
        await chat.aclose()
    assert len(server.models_paths) == 3
    assert server.requests == []


async def test_the_sentence_about_a_page_holds_no_tags() -> None:
    async with starting_server(99, PAGE) as server:
        chat = client_of(server)
        with pytest.raises(PolicyError) as caught:
            await chat.reply(QUESTION)
        await chat.aclose()
    assert "status 502: it failed (a web page: 502 Bad Gateway) (tried 4 times" in str(caught.value)
    assert isinstance(caught.value.__cause__, Fault)


@pytest.mark.parametrize(
    ("said", "loading"),
    [
        ("Loading model", True),
        ("Model google/x is currently loading", True),
        ("The server is starting up", True),
        ("Failed to load the model while loading weights", False),
        ("error loading model: out of memory", False),
        ("downloading is disabled", False),
        ("", False),
    ],
)
def test_what_is_loading_and_what_has_failed(said: str, loading: bool) -> None:
    assert status_fault(503, said).loading is loading
    assert not status_fault(500, said).loading
