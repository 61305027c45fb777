"""Errors that a server reports in a reply of status 200: typed, with its words, without the key."""

import json
from typing import Any

import pytest

pytest.importorskip("openai")

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.backends.openai.reported_errors import EVENT_STREAM, reported_fault
from geoagent_graph.policies.model.chat import ChatRequest, Message
from geoagent_graph.testing.mock_server import MockServer, http_reply

JSON = "application/json"


def fault_of(content: Any, media_type: str = JSON) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return reported_fault(body, media_type, "secret-key")


@pytest.mark.parametrize(
    ("report", "says", "retry", "status"),
    [
        ({"error": {"message": "slow down", "code": 429}}, "overloaded (slow down)", True, 429),
        ({"error": {"message": "off", "code": "503"}}, "status 503: it failed (off)", True, 503),
        ({"error": {"message": "no", "code": 401}}, "GEOAGENT_API_KEY (no)", False, 401),
        ({"error": {"message": "odd"}}, "it reports an error (odd)", True, None),
        ({"error": "model not found"}, "it reports an error (model not found)", True, None),
        ({"error": {"type": "invalid_request_error"}}, "(invalid_request_error)", False, 400),
        ({"error": {"code": "context_length_exceeded"}}, "(context_length", False, 400),
        ({"error": {"error": {"message": "deep"}}}, "(deep)", True, None),
        ({"error": {"detail": ["odd"]}}, "(['odd'])", True, None),
        ({"object": "error", "message": "bad", "code": 400}, "request (bad)", False, 400),
        ({"choices": [{"error": {"message": "upstream", "code": 502}}]}, "(upstream)", True, 502),
        ({"error": {"message": "key secret-key\n" + "x" * 900}}, "(key *** xx", True, None),
    ],
)
def test_an_error_in_a_reply_is_a_fault_with_its_words(
    report: Any, says: str, retry: bool, status: int | None
) -> None:
    events = b": ping\n\ndata: {}\n\ndata: " + json.dumps(report).encode() + b"\n\ndata: [DONE]\n"
    for fault in (fault_of(report), fault_of(events, EVENT_STREAM)):
        assert says in str(fault)
        assert (fault.retry, fault.status) == (retry, status)
        assert len(str(fault)) < 300


def test_an_event_called_error_is_one() -> None:
    assert "(full)" in str(fault_of(b'event: error\ndata: {"message": "full"}\n\n', EVENT_STREAM))
    assert "(full)" in str(fault_of(b"event: error\ndata: full\n\n", EVENT_STREAM))
    assert fault_of(b'event: error\n\ndata: {"message": "full"}\n\n', EVENT_STREAM) is None


@pytest.mark.parametrize(
    "content",
    [
        {"choices": [{"message": {"content": "an error"}}]},
        {"error": None, "choices": [{"error": None}, "error"]},
        {"error": {}},
        {"error": 5},
        ["error"],
        b"error",
        b"\xff error",
        b'{"error":' * 5000,
    ],
)
def test_a_reply_that_reports_none_is_left_to_its_reader(content: Any) -> None:
    assert fault_of(content) is None


def test_a_refused_schema_is_known_from_a_reply_too() -> None:
    report = {"error": {"message": "response_format is not supported", "type": "invalid_request"}}
    assert fault_of(report).is_about_schemas


@pytest.mark.parametrize("content_type", [JSON, f"{EVENT_STREAM}; charset=utf-8"])
async def test_a_model_that_is_asked_ends_in_the_servers_words(content_type: str) -> None:
    body = b'{"error": {"message": "out of memory", "type": "server_error"}}'
    if content_type != JSON:
        body = b"data: " + body + b"\n\n"
    reply = http_reply(body, content_type=content_type)
    async with MockServer(lambda _: reply) as server:
        options = ServerOptions(
            base_url=server.base_url, model="mock-vl", attempts=2, backoff_seconds=0.01
        )
        chat = OpenAIChat(options)
        request = ChatRequest("draft", (Message("user", ("what?",)),), max_tokens=9)
        with pytest.raises(PolicyError, match=r"it reports an error \(out of memory\) \(tried 2"):
            await chat.reply(request)
        await chat.aclose()
