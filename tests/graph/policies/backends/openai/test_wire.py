"""Replies of a server that have another form are refused before anything is read from them."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from geoagent_graph.policies.backends.openai.wire import Completion, ListedModel, TopToken
from geoagent_graph.testing.mock_server import completion


def test_unknown_fields_are_left_out() -> None:
    read = Completion.model_validate(completion("hello", extra={"deep": 1}))
    assert read.choices[0].message.content == "hello"
    assert read.usage is not None
    assert read.usage.prompt_tokens == 100


@pytest.mark.parametrize(
    "body",
    [
        completion("x", choices=[]),
        completion(None),
        completion("x", usage={"prompt_tokens": -1}),
        {"choices": completion("x")["choices"]},
    ],
    ids=["no choice", "no text", "negative tokens", "no model"],
)
def test_other_forms_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Completion.model_validate(body)


@pytest.mark.parametrize("logprob", [0.1, math.nan, -math.inf])
def test_a_log_probability_is_finite_and_at_most_zero(logprob: float) -> None:
    assert TopToken(token="A", logprob=0.0).logprob == 0.0
    with pytest.raises(ValidationError):
        TopToken(token="A", logprob=logprob)


def test_the_context_is_that_of_vllm_or_of_llama_cpp() -> None:
    def context(**fields: object) -> int | None:
        return ListedModel.model_validate({"id": "m", **fields}).context_tokens

    assert context(max_model_len=4096, meta={"n_ctx": 1}) == 4096
    assert context(meta={"n_ctx": 2048}) == 2048
    assert context() is None
