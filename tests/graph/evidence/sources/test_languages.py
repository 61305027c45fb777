"""The source of languages: one likelihood for all lines, one mix per table of towns."""

import math

from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.sources.languages import SOURCE, mix_of_towns
from tests.support.evidence_cases import text_clue
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
