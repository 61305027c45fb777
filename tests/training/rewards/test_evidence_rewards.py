"""Tools earn what their results move towards the truth, however they are used."""

from typing import Any

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rewards.evidence_rewards import first_answer, tool_evidence
from pydantic import ValidationError

ANSWER = "<think>x</think><answer>Portugal; Lisbon; Lisbon</answer>"
BLANK = "I do not know yet."
LISBON, MADRID = (38.72, -9.14), (40.42, -3.70)
TRUTH: dict[str, Any] = {
    "country": ["Portugal"], "region": ["Lisbon"], "precise": ["Lisbon"],
    "lat_deg": [38.71], "lon_deg": [-9.13],
}  # fmt: skip


def effect(before: float, after: float, level: str = "country") -> dict[str, Any]:
    """The share of Portugal, or Lisbon, against Spain, or Madrid."""
    return {
        "level": level,
        "countries": ["Portugal", "Spain"],
        "points": [LISBON, MADRID],
        "before": [before, 1.0 - before],
        "after": [after, 1.0 - after],
    }


def run(first: str = BLANK, answer: str = ANSWER) -> list[dict[str, Any]]:
    return [{"role": "assistant", "content": first}, {"role": "assistant", "content": answer}]


def earned(*effects: dict[str, Any], answer: str = ANSWER, first: str = BLANK) -> float:
    (reward,) = tool_evidence([run(first, answer)], [list(effects)], **TRUTH)
    assert reward is not None
    return reward


def test_a_result_earns_what_it_moves_towards_the_truth() -> None:
    assert earned(effect(0.3, 0.9)) == pytest.approx(0.6)
    assert earned(effect(0.3, 0.9, "city")) == pytest.approx(0.6)
    assert earned(effect(0.1, 0.9), effect(0.1, 0.9, "city")) == 1.0
    assert earned(effect(0.9, 0.2)) == pytest.approx(-0.7)


@pytest.mark.parametrize(
    ("effects", "answer"),
    [
        ([], ANSWER),  # no tool at all
        ([effect(0.6, 0.6)], ANSWER),  # a call whose result changes nothing
        ([effect(0.6, 0.6)] * 9, ANSWER),  # the same again and again
        ([effect(0.1, 0.9)], "I do not know"),  # a gain that leads to no answer
        ([effect(0.1, 0.9, "continent")], ANSWER),
    ],
    ids=["none", "useless", "repeated", "no answer", "no level of tools"],
)
def test_calls_alone_earn_nothing(effects: list[dict[str, Any]], answer: str) -> None:
    assert earned(*effects, answer=answer) == pytest.approx(0.0)


def test_harm_counts_without_an_answer_too() -> None:
    assert earned(effect(0.9, 0.1), answer="unknown") == pytest.approx(-0.8)


def test_a_wrong_beginning_that_a_tool_puts_right_earns_no_more_than_a_right_one() -> None:
    (honest,) = first_answer([run(ANSWER)], **TRUTH)
    assert honest is not None
    # who knew the place needs no tool; who pretends not to lets the tool move everything
    for place in ("Spain; Madrid; Madrid", "Portugal; Porto; Porto", "Portugal; Lisbon; Sintra"):
        wrong = f"<think>x</think><answer>{place}</answer>"
        (staged,) = first_answer([run(wrong)], **TRUTH)
        moved = earned(effect(0.0, 0.95), effect(0.0, 0.95, "city"), first=wrong)
        assert staged is not None
        assert staged + moved <= honest + earned(effect(0.95, 0.95), first=ANSWER) + 0.05


def test_the_first_reply_is_scored_not_the_last() -> None:
    (good, none) = first_answer(
        [run(ANSWER, "unknown"), "no tags"], **{name: values * 2 for name, values in TRUTH.items()}
    )
    assert good == pytest.approx(1.0, abs=0.05)
    assert none == 0.0


def test_rollouts_that_do_not_measure_it_are_refused() -> None:
    with pytest.raises(ConfigError, match="needs rollouts: graph"):
        tool_evidence([run()], **TRUTH)
    recipe: dict[str, Any] = {"model": "m", "data": {"path": "p"}}
    both = [{"function": "tool_evidence", "weight": 0.5}, {"function": "first_answer"}]
    with pytest.raises(ValidationError, match="needs rollouts: graph"):
        GrpoRecipe(**recipe, rewards=both)
    with pytest.raises(ValidationError, match="needs first_answer with at least its weight"):
        GrpoRecipe(**recipe, rollouts="graph", rewards=both[:1])
    assert GrpoRecipe(**recipe, rollouts="graph", rewards=both).rewards


def test_what_has_no_truth_is_not_scored() -> None:
    names = {name: [*values, None] for name, values in TRUTH.items()}
    rewards = tool_evidence([run(), run()], [[], [effect(0.1, 0.9)]], **names)
    assert rewards == [0.0, None]
