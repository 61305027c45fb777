"""`strict_reference`: completions of every broken kind, scored as the published rewards do."""

import itertools
import json
import math
import random
from collections.abc import Callable, Iterator
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


# Of each kind of damage: what it does to the text, and what the description says it costs.
LEADING = {"none": ("", True), "space": (" ", False), "lines": ("\n\n", False)}
BEHIND = {"none": ("", True), "words": (" That is all.", False), "lines": ("\n\nDone", False)}
BROKEN: dict[str, tuple[Callable[[str], str], float]] = {
    "none": (lambda chain: chain, 1.0),
    "cut": (lambda chain: chain[:-1], 0.0),
    "quotes": (lambda chain: chain.replace('"', "'"), 0.0),
    "comma": (lambda chain: chain[:-1] + ",}", 0.0),
    "fence": (lambda chain: f"```json\n{chain}\n```", 0.0),
}
DOUBLED = {
    "none": "",
    "answer": "<answer>Spain; Madrid; Madrid</answer>",
    "think": "<think>x</think>",
}
SEMICOLONS = {"half": (";", 1.0), "full": ("；", 0.0)}
LENGTHS = {"short": "a b", "spaced": "a b" + " " * 142, "long": "word " * 60}


def _gate(characters: int) -> float:
    """The length gate as the paper has it, of the reasoning as it was written."""
    if characters < 90:
        return 0.0
    return 1.0 if characters > 200 else 1 / (1 + math.exp(-8 * ((characters - 90) / 110 - 0.5)))


def _damaged(kinds: tuple[str, ...]) -> tuple[str, float, float, float]:
    """Return a completion, and what form, fields and consistency should earn."""
    lead, behind, broken, doubled, semicolon, length = kinds
    whole = completion("Portugal", "Lisbon", "Sintra", reasoning=LENGTHS[length])
    chain = BROKEN[broken][0](whole[len("<think>") : whole.index("</think>")])
    answer = f"<answer>{SEMICOLONS[semicolon][0].join(['Portugal', ' Lisbon', ' Sintra'])}</answer>"
    more = DOUBLED[doubled]
    tagged = f"<think>{chain}</think>" + (more + answer if doubled == "think" else answer + more)
    text = LEADING[lead][0] + tagged + BEHIND[behind][0]
    form = float(LEADING[lead][1] and BEHIND[behind][1])
    return text, form, SEMICOLONS[semicolon][1], BROKEN[broken][1] * _gate(len(LENGTHS[length]))


def test_every_combination_of_damages_costs_what_each_of_them_costs() -> None:
    kinds = list(itertools.product(LEADING, BEHIND, BROKEN, DOUBLED, SEMICOLONS, LENGTHS))
    chosen = random.Random(16).sample(kinds, 315)
    texts, forms, fields, consistent = zip(*map(_damaged, chosen), strict=True)
    truth = {name: values * len(texts) for name, values in TRUTH.items()}
    assert functions.well_formed(texts) == list(forms)
    assert functions.answer_format(texts, **truth) == list(fields)
    assert functions.consistency(texts) == pytest.approx(list(consistent))
    assert functions.semantic(texts, **truth) == pytest.approx([1.0] * len(texts), abs=1e-5)
