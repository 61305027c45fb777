"""A language model that plays back replies, and says when there is none left."""

import pytest

from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest
from geoagent_graph.testing import ScriptedChat


async def test_replies_come_in_order_and_questions_are_kept() -> None:
    whole = ChatReply("two")
    chat = ScriptedChat(replies=["one", whole])
    asked = [ChatRequest("judge", (), max_tokens=10), ChatRequest("judge", (), max_tokens=10)]
    assert await chat.reply(asked[0]) == ChatReply("one")
    assert await chat.reply(asked[1]) is whole
    assert chat.asked == asked


async def test_a_question_too_many_is_an_error() -> None:
    chat = ScriptedChat(model="tiny")
    with pytest.raises(PolicyError, match="the scripted model tiny has no reply 1"):
        await chat.reply(ChatRequest("judge", (), max_tokens=10))
    await chat.aclose()
