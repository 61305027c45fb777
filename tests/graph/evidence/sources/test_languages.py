"""The source of languages: one likelihood for all lines, one mix per table of towns."""

import math

import pytest

from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.sources.languages import SOURCE, mix_of_towns
from tests.support.evidence_cases import model, text_clue
from tests.support.small_gazetteer import GERMANY, PORTUGAL, small_town_table


def test_all_lines_are_one_observation() -> None:
    assert SOURCE.likelihood is not None
    seen = Observations.of([text_clue("Straße", 0), text_clue("Öffnungszeiten täglich", 1)])
    likelihood = SOURCE.likelihood(seen, small_town_table())
    assert getattr(likelihood, "clue_ids", ()) == ("text:1", "text:0")  # the longer first
    country = getattr(likelihood, "country", None)
    assert country is not None
    assert country[GERMANY] - country[PORTUGAL] > math.log(10)


def test_without_text_it_says_nothing() -> None:
    assert SOURCE.likelihood is not None
    assert SOURCE.likelihood(Observations.of([]), small_town_table()) is None
    assert SOURCE.extract is None


def test_the_mix_is_made_once() -> None:
    assert mix_of_towns(small_town_table()) is mix_of_towns(small_town_table())


@pytest.mark.parametrize(
    ("notice", "countries", "least"),
    [
        ("Hunde anleinen!", {"DE", "AT", "CH"}, 0.4),
        ("Bitte Hunde an die Leine nehmen", {"DE", "AT", "CH"}, 0.6),
        ("Veuillez refermer la barrière", {"FR", "BE", "CH", "CA", "CI", "CD", "LU"}, 0.5),
        ("Prosze zamykac brame", {"PL"}, 0.3),  # without its marks
        ("Non calpestare le aiuole", {"IT", "CH", "SM"}, 0.4),
        ("Gräset får ej beträdas", {"SE", "FI"}, 0.5),
        ("Neparkujte před vjezdem", {"CZ"}, 0.5),
    ],
)
def test_one_plain_line_tells_its_language(notice: str, countries: set[str], least: float) -> None:
    found = model().weigh([text_clue(notice)], ()).posterior.country_probability
    codes = model().town_table.codes
    together = sum(float(found[codes.index(code)]) for code in countries)
    assert together > least
    assert codes[int(found.argmax())] in countries


@pytest.mark.parametrize("text", ["Zorblax", "KXQWZ", "Quindo Ramex", "Grand Hotel"])
def test_a_name_that_is_no_word_names_no_country(text: str) -> None:
    found = model().weigh([text_clue(text)], ()).posterior.country_probability
    assert float(found.max()) < 0.3
