"""Names from a model become places of the gazetteer, or none."""

import pytest

from geoagent_graph.policies.model.chain import PlaceText
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.replies import ReplyError
from geoagent_graph.testing.scripted import (
    AFRICA,
    EUROPE,
    LISBON,
    PORTO,
    PORTUGAL,
    SPAIN,
    FixedGeocoder,
)

# a second Porto in another region
SMALL_PORTO = PORTO.model_copy(update={"id": "geonames:1", "region": "Évora"})
LOOKUP = PlaceLookup(FixedGeocoder((LISBON, PORTO, SMALL_PORTO)))


def test_countries_are_those_of_the_continent() -> None:
    assert LOOKUP.continents() == [EUROPE, AFRICA]
    assert LOOKUP.countries() == LOOKUP.countries("EU") == [SPAIN, PORTUGAL]
    assert LOOKUP.countries("AF") == []


def test_a_country_outside_of_the_continent_is_none() -> None:
    assert LOOKUP.country("Spain", EUROPE) == LOOKUP.country_of("ES", EUROPE) == SPAIN
    assert LOOKUP.country("Spain", AFRICA) is LOOKUP.country_of("ES", AFRICA) is None
    assert LOOKUP.country("Atlantis") is LOOKUP.country_of("XX") is LOOKUP.country_of(None) is None


def test_of_two_towns_the_one_in_the_region_comes_first() -> None:
    assert LOOKUP.town("Porto", PORTUGAL) == PORTO
    assert LOOKUP.town("Porto", PORTUGAL, "evora") == SMALL_PORTO
    assert LOOKUP.town("Porto", PORTUGAL, "Algarve") == PORTO
    assert LOOKUP.town("Porto", SPAIN) is None


@pytest.mark.parametrize(
    ("answer", "town"),
    [
        (PlaceText("Portugal", "Porto", "Ribeira, Porto"), PORTO),
        (PlaceText("Portugal", "Lisbon", "Alfama"), LISBON),  # the region is a town too
        (PlaceText("Portugal", "Algarve", "a beach"), None),
    ],
)
def test_a_town_is_looked_for_in_every_part_of_an_answer(answer: PlaceText, town: object) -> None:
    assert LOOKUP.check(answer) == (PORTUGAL, town)


def test_an_unknown_country_is_told_to_the_model() -> None:
    with pytest.raises(ReplyError, match="there is no country named 'Atlantis'"):
        LOOKUP.check(PlaceText("Atlantis"))
