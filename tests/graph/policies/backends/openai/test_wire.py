"""What is read from a server's reply, in every usual form, and what is refused."""

import math
from typing import Any

import pytest

from geoagent_graph.policies.backends.openai.faults import Fault
from geoagent_graph.policies.backends.openai.wire import finite_logprob, read_completion
from geoagent_graph.testing.mock_server import completion


def message(**fields: Any) -> dict[str, Any]:
    return completion("", choices=[{"message": {"role": "assistant", **fields}}])


def test_unknown_fields_are_left_out() -> None:
    read = read_completion(completion("hello", extra={"deep": 1}))
    assert (read.text, read.finish, read.prompt_tokens) == ("hello", "stop", 100)


@pytest.mark.parametrize(
    ("content", "text", "reasoning"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", ""),
        ([{"type": "thinking", "thinking": [{"text": "hm"}]}, {"text": "a"}], "a", "hm"),
        ({"type": "text", "text": "a"}, "a", ""),
        (["a", 5, None], "a", ""),
        ("\ud83d", "?", ""),
    ],
)
def test_content_is_text_or_parts(content: Any, text: str, reasoning: str) -> None:
    read = read_completion(message(content=content))
    assert (read.text, read.reasoning) == (text, reasoning)


def test_reasoning_refusals_and_calls_stand_beside_the_text() -> None:
    assert read_completion(message(content="a", reasoning_content="b")).reasoning == "b"
    assert read_completion(message(content=None, reasoning="b")).text == ""
    assert read_completion(message(content=None, refusal="no")).refusal == "no"
    call = {"function": {"name": "reply", "arguments": '{"letter": "A"}'}}
    assert read_completion(message(content=None, tool_calls=[call])).text == '{"letter": "A"}'
    nested = {"function": {"arguments": {"letter": "A"}}}
    assert read_completion(message(tool_calls=[nested])).text == '{"letter":"A"}'
    assert read_completion({"choices": [{"text": "old"}]}).text == "old"


@pytest.mark.parametrize(
    "body",
    [
        completion("x", choices=[]),
        completion("x", choices=None),
        completion("x", choices=["x"]),
        completion(None),
        completion("x", usage={"prompt_tokens": -1}),
        [],
        "x",
    ],
)
def test_other_forms_are_refused(body: Any) -> None:
    with pytest.raises(Fault, match="the reply has another form, at"):
        read_completion(body)


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": None}, "none", {"prompt_tokens": 1e400}]
)
def test_counts_that_are_not_there_are_zero(usage: Any) -> None:
    assert read_completion(completion("x", usage=usage)).prompt_tokens == 0


@pytest.mark.parametrize("logprob", [0.1, math.nan, -math.inf, None, "0", True])
def test_a_log_probability_is_finite_and_at_most_zero(logprob: Any) -> None:
    assert finite_logprob(0.0) == 0.0
    assert finite_logprob(logprob) is None


def test_log_probabilities_come_in_two_notations() -> None:
    def positions(logprobs: Any) -> Any:
        choice = {"message": {"content": "A"}, "logprobs": logprobs}
        return read_completion(completion("A", choices=[choice])).positions

    top = [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": None}, "C"]
    (new,) = positions({"content": [{"token": "A", "logprob": -0.1, "top_logprobs": top}]})
    assert (new.token, new.logprobs) == ("A", (("A", -0.1),))
    (alone,) = positions({"content": [{"token": "A", "logprob": -0.1}]})
    assert alone.logprobs == (("A", -0.1),)
    old = {"tokens": ["A"], "token_logprobs": [-0.1], "top_logprobs": [{"A": -0.1, "B": -3}]}
    assert positions(old)[0].logprobs == (("A", -0.1), ("B", -3.0))
    assert positions({"tokens": ["A"], "token_logprobs": [-0.2]})[0].logprobs == (("A", -0.2),)
    assert positions(None) == positions({"content": None}) == positions([]) == ()
