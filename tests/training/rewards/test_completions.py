"""What a completion says: one answer in its tags, the chain whole, or nothing."""

import json
from typing import Any

import pytest
from geoagent_training.rewards.completions import parse_completion, text_of

from tests.support.reward_fakes import completion

GOOD = completion("Portugal", "Lisbon", "Alfama", uncertainty=0.25)


def test_the_paper_form_is_read_whole() -> None:
    said = parse_completion(f"\n {GOOD} \n")
    assert said.well_formed
    assert said.answer is not None
    assert said.answer.fields == ("Portugal", "Lisbon", "Alfama")
    assert [stage.conclusion for stage in said.stages] == ["Portugal", "Lisbon", "Alfama"]
    assert said.confidence == pytest.approx(0.75)


def test_a_bare_chain_has_an_answer_but_not_the_form() -> None:
    bare = GOOD.removeprefix("<think>").partition("</think>")[0]
    said = parse_completion(bare)
    assert not said.well_formed
    assert said.answer is not None
    assert said.answer.fields[0] == "Portugal"
    assert len(said.stages) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Portugal",
        "</answer><answer>Portugal",
        "<answer>Portugal</answer><answer>Portugal</answer>",
        "<answer>Portugal</answer> and more",
        "<think></think>" + "x" * 65_536 + "<answer>Portugal</answer>",
        '{"ChainOfThought": {',
    ],
)
def test_a_completion_without_one_answer_at_its_end_says_nothing(text: str) -> None:
    said = parse_completion(text)
    assert (said.well_formed, said.answer, said.stages, said.confidence) == (False, None, (), None)


def test_a_chain_with_a_missing_conclusion_counts_as_none() -> None:
    chain = {"CountryIdentification": {"Conclusion": "Peru"}, "FinalAnswer": "Peru"}
    said = parse_completion(f"<think>{json.dumps(chain)}</think><answer>Peru</answer>")
    assert said.well_formed
    assert said.stages == ()
    assert said.answer is not None
    assert said.answer.fields[0] == "Peru"


@pytest.mark.parametrize(
    "head", ["", "<think>", "</think>", "x<think></think>", "<think></think>x"]
)
def test_the_form_allows_nothing_around_the_thought(head: str) -> None:
    said = parse_completion(f"{head}<answer>Peru</answer>")
    assert said.answer is not None
    assert not said.well_formed


def test_the_last_words_of_the_policy_are_its_text() -> None:
    turns: list[dict[str, Any]] = [
        {"role": "assistant", "content": "first"},
        {"role": "tool", "content": "found"},
        {"role": "assistant", "content": [{"type": "text", "text": "la"}, {"text": "st"}]},
        {"role": "user", "content": "thanks"},
    ]
    assert text_of(turns) == "last"
    assert text_of([{"content": None}]) == ""
    assert text_of([{"role": "user", "content": "x"}]) == ""
    assert text_of("plain") == "plain"
