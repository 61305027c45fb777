"""Planted names and instructions: a small sample of `tools/draw_planted_lines.py`."""

import numpy as np

from benchmarks.check_planted_lines import country_probabilities, is_wrong, upper_bound
from tests.support.evidence_cases import model
from tools.draw_planted_lines import KINDS, draw_planted_lines


def test_planted_names_hardly_ever_make_a_wrong_claim() -> None:
    drawn = list(draw_planted_lines(model().town_table, 5 * len(KINDS), seed=11))
    wrong = [
        one for one in drawn if is_wrong(model(), one, country_probabilities(model(), one.lines))
    ]
    assert len(wrong) <= 2, wrong


def test_every_kind_and_scene_is_drawn_the_same_again() -> None:
    drawn = list(draw_planted_lines(model().town_table, 7 * len(KINDS), seed=2))
    assert {one.kind for one in drawn} == KINDS.keys()
    assert {one.scene for one in drawn} >= {"", "PT", "JP"}
    assert drawn == list(draw_planted_lines(model().town_table, 7 * len(KINDS), seed=2))


def test_the_upper_bound_of_a_share() -> None:
    assert 0.0 < upper_bound(0, 100) < 0.03
    assert upper_bound(3, 100) > 0.03
    assert np.isclose(upper_bound(100, 100), 1.0)
