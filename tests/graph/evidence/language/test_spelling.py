"""Languages by their spelling: words of shops, misread ones, and what says nothing."""

import numpy as np
import pytest

from geoagent_graph.evidence.language.language_mix import BRANDS
from geoagent_graph.evidence.language.spelling import (
    LANGUAGES_OF,
    spelling_likelihood,
    spelling_table,
    words_of,
)

LATIN = (*LANGUAGES_OF["Latn"], "sw", BRANDS)


def likeliest(text: str, script: str = "Latn", count: int = 1) -> list[str]:
    languages = LATIN if script == "Latn" else LANGUAGES_OF[script]
    order = np.argsort(-spelling_likelihood(text, script, languages))
    return [languages[number] for number in order[:count].tolist()]


@pytest.mark.parametrize(
    ("text", "script", "language"),
    [
        ("Schuhmacherei", "Latn", "de"),
        ("Schuhmacherel", "Latn", "de"),  # a letter misread
        ("Bútorüzlet és ajándék", "Latn", "hu"),
        ("BUTORUZLET ES AJANDEK", "Latn", "hu"),  # the accents are lost
        ("Panadería y pastelería", "Latn", "es"),
        ("Cửa hàng sách", "Latn", "vi"),
        ("Продукты и напитки", "Cyrl", "ru"),
        ("Взуття та одяг", "Cyrl", "uk"),
    ],
)
def test_a_line_is_spelled_like_its_language(text: str, script: str, language: str) -> None:
    assert likeliest(text, script) == [language]


@pytest.mark.parametrize("text", ["RK-115AN", "10922 BX", "No", "208", "B320WTW", ""])
def test_plates_numbers_and_single_letters_have_no_language(text: str) -> None:
    assert words_of(text) == []
    assert spelling_likelihood(text, "Latn", LATIN).tolist() == [1.0] * len(LATIN)


def test_a_fragment_says_less_than_a_line() -> None:
    short, long = (spelling_likelihood(text, "Latn", LATIN).min() for text in ("fer", "Schäfer"))
    assert 0.003 <= long < short / 2
    assert short > 0.2


def test_a_language_without_a_table_is_an_average_one() -> None:
    values = dict(zip(LATIN, spelling_likelihood("Bäckerei", "Latn", LATIN), strict=True))
    assert values["de"] == pytest.approx(1.0)
    assert values["vi"] < values["sw"] == pytest.approx(values[BRANDS])
    assert values["sw"] < 0.2  # hardly anything else is spelled so


def test_the_table_has_every_language_that_is_asked_for() -> None:
    table = spelling_table()
    asked = {name for names in LANGUAGES_OF.values() for name in names}
    assert asked - set(table.column_of) <= {"mr", "ne"}
    assert table.steps.shape == (len(table.row_of), len(table.column_of))
