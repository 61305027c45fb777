"""`strict_reference`: completions of every broken kind, scored as the published rewards do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from geoagent_training.rewards import functions
from geoagent_training.rewards.completions import parse_completion
from geoagent_training.rewards.reference_reading import read_as_published
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

from tests.support.reward_fakes import ScriptedJudge, completion

GOOD = completion("Portugal", "Lisbon", "Sintra")
CHAIN = GOOD[len("<think>") : GOOD.index("</think>")]
ANSWER = "<answer>Portugal; Lisbon; Sintra</answer>"
TRUTH: dict[str, Any] = {"solution": ["Portugal; Lisbon; Sintra"], "lat": [38.8], "lon": [-9.38]}


@pytest.fixture(autouse=True)
def _strict(tools: RewardTools) -> Iterator[None]:
    judge = ScriptedJudge(lambda q: ("Portugal", "Lisbon", "Sintra")[q.level])
    strict = RewardTools(RewardSettings(strict_reference=True), given_judge=judge)
    strict.__dict__ |= {"resolver": tools.resolver, "encoder": tools.encoder}
    use_tools(strict)
    yield
    use_tools(tools)


@pytest.mark.parametrize(
    ("text", "form", "fields", "semantic", "consistent"),
    [
        (GOOD, 1, 1, 1.0, 1.0),
        (f"\n {GOOD}", 0, 1, 1.0, 1.0),
        (f"{GOOD} That is all.", 0, 1, 1.0, 1.0),
        (GOOD.replace("</think><", "</think>\n\n<"), 1, 1, 1.0, 1.0),
        (f"<think>{CHAIN[:-1]}</think>{ANSWER}", 1, 1, 1.0, 0.0),
        (f"<think>{CHAIN.replace(chr(34), chr(39))}</think>{ANSWER}", 1, 1, 1.0, 0.0),
        (f"{GOOD}<answer>Spain; Madrid; Madrid</answer>", 1, 1, 1.0, 1.0),
        (f"<think>{CHAIN}</think><think>x</think>{ANSWER}", 1, 1, 1.0, 1.0),
        (f"<think>{CHAIN}</think><answer>Portugal；Lisbon；Sintra</answer>", 1, 0, 1.0, 1.0),
        (f"<think>{CHAIN}</think><answer>Portugal; Lisbon or Porto</answer>", 1, 1, None, 1.0),
        (CHAIN, 0, 0, 0.0, 0.0),
        (f"<think>{CHAIN}</think>", 0, 0, 0.0, 1.0),
        (f"<think>{CHAIN}{ANSWER}", 0, 1, 1.0, 0.0),
        (f"{ANSWER}<think>{CHAIN}</think>", 0, 1, 1.0, 1.0),
        ("<think></think><answer></answer>", 1, 0, 0.0, 0.0),
        ("", 0, 0, 0.0, 0.0),
    ],
)  # fmt: skip
def test_a_broken_completion_costs_what_it_costs_there(
    text: str, form: int, fields: int, semantic: float | None, consistent: float
) -> None:
    assert functions.well_formed([text]) == [form]
    assert functions.answer_format([text], **TRUTH) == [fields]
    assert functions.consistency([text])[0] == pytest.approx(consistent)
    earned = functions.semantic([text], **TRUTH)[0]
    assert earned is not None
    if semantic is None:  # hedging is likened to the truth, as any text
        assert 0.1 < earned < 0.8
    else:
        assert earned == pytest.approx(semantic, abs=1e-5)


def test_the_length_gate_counts_the_reasoning_as_it_was_written() -> None:
    spaced = completion("Portugal", "Lisbon", "Sintra", reasoning="a b" + " " * 250)
    assert len(read_as_published(spaced).stages[0].reasoning) == 253
    assert functions.consistency([spaced])[0] == pytest.approx(1.0)
    assert len(parse_completion(spaced).stages[0].reasoning) == 3


def test_conclusions_are_compared_as_they_stand_but_for_spaces() -> None:
    dotted = completion("Portugal.", "Lis bon", "Sintra")
    assert functions.consistency([dotted])[0] == pytest.approx(0.9)
    numbers = GOOD.replace(json.dumps("Sintra"), "7", 1)
    assert functions.consistency([numbers])[0] == pytest.approx(0.7)
