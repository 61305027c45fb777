"""The drawn world: its places are told apart by their clues, and the rules find them."""

import pytest
from geoagent_training.miniature.world import LANDS, City, Clues, Land, best_city, best_land

NOTHING = Clues(None, None, None, None, None, None)
BY_NAME = {land.name: land for land in LANDS}


def all_clues(land: Land, city: City) -> Clues:
    return Clues(land.word, land.plate, land.side, land.sun, city.walls, city.tree)


@pytest.mark.parametrize("land", LANDS, ids=lambda land: land.name)
def test_with_every_clue_the_rules_find_land_and_city(land: Land) -> None:
    for city in land.cities:
        clues = all_clues(land, city)
        assert best_land(clues) is land
        assert best_city(land, clues) is city


def test_a_word_outweighs_a_plate() -> None:
    # RUE is France's and Senegal's; a yellow plate is neither's
    found = best_land(Clues("RUE", "yellow", None, None, None, None))
    assert found is BY_NAME["France"]
    assert best_land(Clues("RUE", "white", None, None, None, None)) is BY_NAME["Senegal"]


def test_without_clues_nothing_follows() -> None:
    assert best_land(NOTHING) is None
    assert best_city(BY_NAME["Portugal"], NOTHING) is None


def test_clues_for_both_cities_decide_for_none() -> None:
    lisbon, porto = BY_NAME["Portugal"].cities
    torn = Clues(None, None, None, None, lisbon.walls, porto.tree)
    assert best_city(BY_NAME["Portugal"], torn) is None


def test_the_sun_stands_where_the_half_of_the_globe_says() -> None:
    for land in LANDS:
        for city in land.cities:
            assert (city.lat_deg > 0) == (land.sun == "south")
