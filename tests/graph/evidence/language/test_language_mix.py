"""Which languages the signs of a country are in: shares that sum to 1, scripts, written forms."""

import pytest

from geoagent_graph.evidence.language.language_mix import (
    BRANDS,
    LanguageMix,
    language_mix,
    language_written,
    script_of_language,
)
from geoagent_graph.evidence.tables import table
from tests.support.small_gazetteer import FIJI, GERMANY, PORTUGAL, small_town_table


@pytest.fixture(scope="module")
def mix() -> LanguageMix:
    """Return the mix of the four countries."""
    return language_mix(small_town_table())


def test_the_shares_of_a_country_sum_to_one(mix: LanguageMix) -> None:
    assert mix.share.shape == (4, len(mix.languages))
    assert mix.share.sum(axis=1) == pytest.approx([1.0] * 4)
    assert mix.share.min() > 0  # a sign in any language may stand anywhere


def test_a_countrys_own_language_leads(mix: LanguageMix) -> None:
    german, portuguese = mix.number_of["de"], mix.number_of["pt"]
    assert mix.share[GERMANY].argmax() == german
    assert mix.share[PORTUGAL].argmax() == portuguese
    assert mix.share[GERMANY, german] > 50 * mix.share[PORTUGAL, german]
    assert mix.share[FIJI, mix.number_of["en"]] > mix.share[GERMANY, mix.number_of["en"]]


def test_brands_are_alike_everywhere(mix: LanguageMix) -> None:
    brands = mix.share[:, mix.number_of[BRANDS]]
    assert brands == pytest.approx([brands[0]] * 4, rel=1e-3)
    assert 0.06 < brands[0] < 0.08


@pytest.mark.parametrize(
    ("language", "script"),
    [("zh", "Hans"), (BRANDS, "Latn"), ("ru", "Cyrl"), ("el", "Grek"), ("qqq", "Latn")],
)
def test_scripts_of_languages(language: str, script: str) -> None:
    assert script_of_language(language, table("sign_languages")["scripts"]) == script


def test_a_spoken_variety_is_written_in_its_language() -> None:
    assert language_written("arz", {"arz": "ar"}) == "ar"
    assert language_written("de", {"arz": "ar"}) == "de"
