"""Which of several meanings of a name is likelier."""

from geoagent_graph.geo.found import Found, country_weight, region_weight, town_weight
from geoagent_graph.geo.regions import Region


def region(population: int) -> Region:
    return Region("XX-1", "state", ("PT",), 0.0, 0.0, 10.0, population, "", "A", "", 10)


def test_a_place_known_in_many_languages_outweighs_a_populous_one() -> None:
    assert town_weight(50_000, 60) > town_weight(140_000, 20)
    assert town_weight(0, 2) > 0.0


def test_a_country_outweighs_a_town_and_a_town_its_own_region() -> None:
    assert country_weight(1_000_000) > town_weight(1_000_000, 60)
    assert region_weight(region(1_000_000)) < town_weight(500_000, 10)
    assert region_weight(region(0)) > 0.0


def test_the_better_match_comes_first_then_the_heavier() -> None:
    found = [
        Found("a", 0.9, 9.0, town=1),
        Found("a", 1.0, 1.0, code="PT"),
        Found("a", 1.0, 2.0, region=region(1)),
    ]
    ordered = sorted(found, key=lambda item: item.rank)
    assert [item.key for item in ordered] == [(-1, "", "XX-1"), (-1, "PT", ""), (1, "", "")]
