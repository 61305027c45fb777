"""Likelihood ratios in words: how many times likelier, for whom, and when nothing is said."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.explanation import evidence_line, times, together_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.testing import EUROPE, PORTUGAL
from geoagent_graph.types import Evidence

PHONE = Likelihood(
    source="phone",
    description="a number",
    clue_ids=("phone:1",),
    country=np.zeros(4),
    meaning_by_country={"PT": "as in Portugal"},
)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (12.0, "12 times likelier"),
        (1 / 3, "3.0 times less likely"),
        (9.94, "9.9 times likelier"),
        (1001.0, "over 1000 times likelier"),
        (1 / 999.0, "999 times less likely"),
    ],
)
def test_a_ratio_in_words(factor: float, words: str) -> None:
    assert times(math.log(factor)) == words


def test_endless_evidence_has_words_too() -> None:
    assert times(1e300) == "over 1000 times likelier"
    assert times(-math.inf) == "over 1000 times less likely"


def test_a_line_says_what_the_clue_means_in_the_country() -> None:
    line = evidence_line(PHONE, PORTUGAL, "the world", math.log(20))
    expected = "a number, as in Portugal; 20 times likelier in Portugal than in the world"
    assert line.reason == expected
    assert (line.place_id, line.source, line.clue_ids) == ("country:PT", "phone", ("phone:1",))


def test_a_ratio_near_one_says_nothing() -> None:
    line = evidence_line(PHONE, EUROPE, "the world", -0.09)
    assert line.reason == "a number; says nothing for or against Europe"
    assert line.log_lr == -0.09


@pytest.mark.parametrize(
    ("rest", "beginning"),
    [
        (-0.11, "some clues say the same"),
        (0.11, "the clues fit together"),
        (0.1, "the clues are indep"),
    ],
)
def test_the_correction_names_its_direction_and_every_clue_once(
    rest: float, beginning: str
) -> None:
    lines = [
        Evidence(place_id="p", source="s", log_lr=1.0, clue_ids=ids, reason="r")
        for ids in (("b", "a"), ("a", "c"))
    ]
    line = together_line(lines, PORTUGAL, rest)
    assert line.reason.startswith(beginning)
    assert (line.source, line.log_lr, line.clue_ids) == ("together", rest, ("b", "a", "c"))
