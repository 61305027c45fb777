"""The consistency reward against the paper's formula, worked out by hand."""

import math

import pytest
from geoagent_training.rewards.completions import parse_completions
from geoagent_training.rewards.consistency_score import length_gate, score_consistency
from geoagent_training.rewards.judge import JudgeQuestion

from tests.support.reward_fakes import ScriptedJudge, completion

BOUNDS = (90, 200)


@pytest.mark.parametrize(
    ("characters", "share"),
    [
        (0, 0.0),
        (89, 0.0),
        (90, 1 / (1 + math.exp(4))),  # sigmoid(8 (0 - 0.5))
        (145, 0.5),
        (200, 1 / (1 + math.exp(-4))),
        (201, 1.0),
    ],
)
def test_the_length_gate_is_the_papers(characters: int, share: float) -> None:
    assert length_gate(characters, BOUNDS) == pytest.approx(share)


def score(judge: ScriptedJudge, *texts: str) -> list[float]:
    return score_consistency(parse_completions(texts), judge, characters=BOUNDS)


def test_each_level_that_leads_to_its_conclusion_earns_its_weight() -> None:
    wanted = ("Portugal", "Lisbon", "Alfama")
    text = completion(*wanted, reasoning="x" * 300)
    for wrong, earned in ((None, 1.0), (0, 0.9), (1, 0.4), (2, 0.7)):
        judge = ScriptedJudge(lambda q, w=wrong: "Peru" if q.level == w else wanted[q.level])  # type: ignore[misc]
        assert score(judge, text) == [pytest.approx(earned)]


def test_the_judge_sees_a_reasoning_and_only_the_conclusions_before_it() -> None:
    judge = ScriptedJudge(lambda question: "nothing")
    score(judge, completion("Portugal", "Lisbon", "Alfama", reasoning="x" * 300))
    assert [(q.level, q.before) for q in judge.asked] == [
        (0, ()),
        (1, ("Portugal",)),
        (2, ("Portugal", "Lisbon")),
    ]
    assert {q.reasoning for q in judge.asked} == {"x" * 300}


def test_short_reasonings_and_broken_completions_are_not_asked_about() -> None:
    judge = ScriptedJudge(lambda question: "Portugal")
    assert score(judge, completion("Portugal", reasoning="too short"), "nothing") == [0.0, 0.0]
    assert judge.asked == []


def test_conclusions_are_compared_without_spaces_or_as_told() -> None:
    def reply(question: JudgeQuestion) -> str:
        return ("New Zea land", "auckland", "?")[question.level]

    text = completion("NewZealand", "Auckland", "x", reasoning="x" * 300)
    assert score(ScriptedJudge(reply), text) == [pytest.approx(0.1)]
    folded = score_consistency(
        parse_completions([text]),
        ScriptedJudge(reply),
        characters=BOUNDS,
        same=lambda one, other: one.casefold() == other.casefold(),
    )
    assert folded == [pytest.approx(0.6)]
