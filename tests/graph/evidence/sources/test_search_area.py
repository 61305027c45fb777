"""An area that a person has drawn or named conditions every share alike."""

import pytest

from geoagent_graph.search_areas import (
    SearchArea,
    SearchCircle,
    SearchCountries,
    SearchOutline,
    area_clue,
)
from tests.support.evidence_cases import model

AROUND_BRAGA = SearchCircle(lat_deg=41.55, lon_deg=-8.42, radius_km=40.0)
SQUARE = [[-9.0, 41.0], [-8.0, 41.0], [-8.0, 42.3], [-9.0, 42.3], [-9.0, 41.0]]
NORTH = SearchOutline.model_validate({"geojson": {"type": "Polygon", "coordinates": [SQUARE]}})
IN_PORTUGAL = SearchCountries(countries=("PT",))


def shares(*areas: SearchArea) -> dict[str, float]:
    clues = [area_clue(area) for area in areas]
    return dict(model().locate(None, clues, ()).countries)


def test_a_circle_in_one_country_leaves_no_other() -> None:
    assert shares(AROUND_BRAGA) == {"PT": pytest.approx(1.0)}
    clue = area_clue(AROUND_BRAGA)
    gazetteer = model().town_table.gazetteer
    for place, inside in ((gazetteer.country_place("PT"), 1.0), (gazetteer.country_place("ES"), 0)):
        assert model().probability(place, [clue], ()) == pytest.approx(inside, abs=1e-12)
    europe = gazetteer.continent_place("EU")
    assert model().probability(europe, [clue], ()) == pytest.approx(1.0)


def test_areas_hold_together() -> None:
    drawn = shares(NORTH)
    assert set(drawn) == {"PT", "ES"}
    assert sum(drawn.values()) == pytest.approx(1.0)
    assert shares(NORTH, IN_PORTUGAL) == {"PT": pytest.approx(1.0)}


def test_the_shares_inside_keep_their_proportions() -> None:
    iberia = shares(SearchCountries(countries=("PT", "ES")))
    before = dict(model().locate(None, (), ()).countries)
    assert iberia["PT"] / iberia["ES"] == pytest.approx(before["PT"] / before["ES"], rel=1e-4)


def test_where_nobody_lives_nothing_is_said() -> None:
    at_sea = SearchCircle(lat_deg=-50.0, lon_deg=-120.0, radius_km=100.0)
    assert model().weigh([area_clue(at_sea)], ()).posterior.likelihoods == ()
    everywhere = SearchCircle(lat_deg=0.0, lon_deg=0.0, radius_km=20100.0)
    assert model().weigh([area_clue(everywhere)], ()).posterior.likelihoods == ()
