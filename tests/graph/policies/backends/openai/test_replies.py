"""A completion as the policy reads it: starved replies, letters after reasoning, refusals."""

import pytest

from geoagent_graph.policies.backends.openai.faults import Fault
from geoagent_graph.policies.backends.openai.replies import letter_logprobs, read_reply
from geoagent_graph.policies.backends.openai.terms import REASONING_TOKENS, Terms
from geoagent_graph.policies.backends.openai.wire import Completion, TokenPosition
from geoagent_graph.policies.model.chat import ChatRequest

LETTERS = ChatRequest("choice.country", (), 1, letters=("A", "B"))
TURN = ChatRequest("turn.country", (), 9)
CHOSEN = TokenPosition(" A", ((" A", -0.1), ("A", -3.0), ("B", -2.5), ("c", -4.0)))


def test_a_reply_that_reasoning_used_up_gets_more_tokens_and_then_ends() -> None:
    terms = Terms()
    starved = Completion("", finish="length")
    for tokens in REASONING_TOKENS[1:]:
        assert read_reply(starved, TURN, terms) is None
        assert terms.reasoning_tokens == tokens
    with pytest.raises(Fault, match="reasons for 16384 tokens and more and gives no reply"):
        read_reply(starved, TURN, terms)


def test_unfinished_reasoning_in_the_text_is_such_a_reply_but_for_a_chain() -> None:
    cut = Completion("<think>The sign", finish="length")
    assert read_reply(cut, TURN, Terms()) is None
    draft = read_reply(cut, ChatRequest("draft", (), 9), Terms())
    assert draft is not None
    assert draft.cut


def test_letters_count_whatever_the_text_is() -> None:
    reading = read_reply(Completion("", finish="length", positions=(CHOSEN,)), LETTERS, Terms())
    assert reading is not None
    assert sorted(reading.letter_logprobs or {}) == ["A", "B"]


def test_the_letter_after_what_was_reasoned_counts() -> None:
    early = TokenPosition("A", (("A", -0.01),))
    late = TokenPosition("B", (("B", -0.2), ("A", -1.8)))
    said = Completion("B", reasoning="A sign", positions=(early, late))
    assert letter_logprobs(said, ("A", "B")) == {"B": -0.2, "A": -1.8}
    assert letter_logprobs(Completion("B"), ("A", "B")) is None
    assert letter_logprobs(said, ()) is None


def test_what_stands_only_in_the_reasoning_is_read_there() -> None:
    terms = Terms()
    reading = read_reply(Completion("", reasoning='{"a": 1}', finish="stop"), TURN, terms)
    assert reading is not None
    assert reading.text == '{"a": 1}'
    assert terms.losses


@pytest.mark.parametrize(
    ("completion", "says"),
    [
        (Completion("", refusal="No.\nNever."), r"the model refuses: No\. Never\."),
        (Completion("half", finish="content_filter"), "filter of contents"),
    ],
)
def test_refusals_are_said(completion: Completion, says: str) -> None:
    with pytest.raises(Fault, match=says):
        read_reply(completion, TURN, Terms())
