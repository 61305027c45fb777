"""Planted names and instructions: a small sample of `tools/draw_planted_lines.py`."""

import numpy as np
import pytest

from benchmarks.check_planted_lines import (
    MAX_MOVED,
    country_probabilities,
    is_wrong,
    upper_bound,
)
from tests.support.evidence_cases import model
from tools.draw_planted_lines import INSTRUCTIONS, KINDS, draw_planted_lines


def test_planted_names_hardly_ever_make_a_wrong_claim() -> None:
    drawn = list(draw_planted_lines(model().town_table, 5 * len(KINDS), seed=11))
    wrong = [
        one for one in drawn if is_wrong(model(), one, country_probabilities(model(), one.lines))
    ]
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    ("planted", "code"),
    [
        (("WORLD TOUR", "Pyongyang", "Gold Coast", "Shenyang"), "AU"),  # below its heading
        (("WORLD TOUR", "12.03. Jos", "14.03. Kinshasa", "20.03. Minsk"), "BY"),
        (("улица Ленина", "8 (4872) 36-12-40", "I ♥ MINSK"), "BY"),
        (("Live in Ho Chi Minh City", "12 March"), "IT"),  # a name is no Italian
    ],
    ids=lambda value: " / ".join(value) if isinstance(value, tuple) else value,
)
def test_lists_of_a_tour_and_shirts_make_no_claim(planted: tuple[str, ...], code: str) -> None:
    probability = country_probabilities(model(), planted)
    assert probability[model().town_table.number_of[code]] < 0.4


@pytest.mark.parametrize(
    ("planted", "neutral"), INSTRUCTIONS[4::2], ids=[pair[0][0] for pair in INSTRUCTIONS[4::2]]
)
def test_instructions_weigh_what_neutral_words_do(
    planted: tuple[str, ...], neutral: tuple[str, ...]
) -> None:
    words = tuple(line.format(city="Nairobi") for line in planted)
    before, after = (
        country_probabilities(model(), ("ulica Długa 5", *lines)) for lines in (neutral, words)
    )
    assert np.abs(after - before).max() <= MAX_MOVED


def test_every_kind_and_scene_is_drawn_the_same_again() -> None:
    drawn = list(draw_planted_lines(model().town_table, 7 * len(KINDS), seed=2))
    assert {one.kind for one in drawn} == KINDS.keys()
    assert {one.scene for one in drawn} >= {"", "PT", "JP"}
    assert drawn == list(draw_planted_lines(model().town_table, 7 * len(KINDS), seed=2))


def test_the_upper_bound_of_a_share() -> None:
    assert 0.0 < upper_bound(0, 100) < 0.03
    assert upper_bound(3, 100) > 0.03
    assert np.isclose(upper_bound(100, 100), 1.0)
