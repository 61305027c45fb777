"""A question to a model, and how it stands in the trace whether it was answered or not."""

import pytest

from geoagent_graph.call_log import open_call_log
from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message, Picture, ask
from geoagent_graph.testing.scripted_chat import ScriptedChat
from geoagent_graph.types import Usage

PHOTO = Picture(b"\xff\xd8\xff")
QUESTION = ChatRequest(
    purpose="draft",
    messages=(Message("system", ("words",)), Message("user", (PHOTO, "Where?", PHOTO))),
    max_tokens=9,
)


def test_a_picture_goes_into_the_request_itself() -> None:
    assert PHOTO.data_uri == "data:image/jpeg;base64,/9j/"
    assert QUESTION.pictures == 2


async def test_a_reply_is_logged_with_its_cost_on_one_short_line() -> None:
    used = Usage(calls=2, prompt_tokens=7)
    said = ChatReply("one\n two " + "x" * 300, usage=used, seconds=1.5)
    calls = open_call_log()
    assert await ask(ScriptedChat(replies=[said]), QUESTION) is said
    (call,) = calls
    assert call.tool == "model"
    assert call.arguments == {"purpose": "draft", "model": "scripted"}
    assert call.result.startswith("one two xx")
    assert call.result.endswith("x…")
    assert len(call.result) == 200
    assert (call.seconds, call.usage) == (1.5, used)


async def test_a_model_that_fails_is_logged_and_fails() -> None:
    calls = open_call_log()
    with pytest.raises(PolicyError, match="has no reply 1"):
        await ask(ScriptedChat(), QUESTION)
    (call,) = calls
    assert call.result == "failed"
    assert call.error == "the scripted model scripted has no reply 1"
