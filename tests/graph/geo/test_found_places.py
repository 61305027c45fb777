"""Findings as places: what tells them apart, and whether another is meant as well."""

import pytest

from geoagent_graph.geo.found_places import FoundPlace, found_places
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.place_finder import PlaceFinder


def places(finder: PlaceFinder, gazetteer: Gazetteer, text: str) -> list[FoundPlace]:
    return found_places(gazetteer, finder.find(text))


def test_a_region_is_described(finder: PlaceFinder, gazetteer: Gazetteer) -> None:
    (bavaria,) = places(finder, gazetteer, "Bavaria")
    assert (bavaria.id, bavaria.level, bavaria.kind) == ("iso:DE-BY", "region", "state")
    assert (bavaria.country, bavaria.country_codes) == ("Germany", ("DE",))
    assert bavaria.full_name == "Bavaria, Germany"
    assert bavaria.radius_km is not None
    assert 150 < bavaria.radius_km < 300
    assert not bavaria.is_ambiguous


def test_what_lies_in_several_countries_names_no_single_one(
    finder: PlaceFinder, gazetteer: Gazetteer
) -> None:
    borneo = places(finder, gazetteer, "Borneo")[0]
    assert borneo.country is None
    assert borneo.country_codes == ("ID", "MY", "BN")
    assert borneo.full_name == "Borneo, Indonesia / Malaysia / Brunei"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Georgia", {"Georgia", "Georgia, United States"}),
        ("Springfield", {"Springfield, Illinois, United States",
                         "Springfield, Massachusetts, United States"}),
        ("WA", {"Washington, United States", "Western Australia, Australia"}),
    ],
)  # fmt: skip
def test_likely_meanings_are_called_ambiguous_and_told_apart(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str, names: set[str]
) -> None:
    found = places(finder, gazetteer, text)
    assert names <= {place.full_name for place in found if place.is_ambiguous}
    assert found[0].is_ambiguous


@pytest.mark.parametrize("text", ["London", "Lisboa", "Tokyo", "New York"])
def test_a_town_far_better_known_than_its_namesakes_is_not_ambiguous(
    finder: PlaceFinder, gazetteer: Gazetteer, text: str
) -> None:
    assert not places(finder, gazetteer, text)[0].is_ambiguous


def test_countries_and_continents_are_described(finder: PlaceFinder, gazetteer: Gazetteer) -> None:
    europe = places(finder, gazetteer, "Europe")[0]
    assert (europe.level, europe.country_codes, europe.full_name) == ("continent", (), "Europe")
    portugal = places(finder, gazetteer, "Portugal")[0]
    assert (portugal.kind, portugal.full_name) == ("country", "Portugal")
    assert portugal.population > 9_000_000
    assert found_places(gazetteer, []) == []
