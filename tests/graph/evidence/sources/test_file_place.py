"""The place that a file names in words: a claim that other clues outvote."""

import math

import pytest

from geoagent_graph.types import Clue, Place, clue_id
from tests.support.evidence_cases import exif_clue, model, text_clue


def place_clue(**names: str) -> Clue:
    return Clue(
        id=clue_id("file_place", *names.values()),
        kind="file_place",
        text="the file claims the place: " + ", ".join(names.values()),
        source="exif_reader",
        attributes=names,
    )


def probability(place: Place, *clues: Clue) -> float:
    return model().probability(place, clues, ())


def country(code: str) -> Place:
    return model().town_table.gazetteer.country_place(code)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ({"city": "Santiago", "country": "Chile"}, "CL"),
        ({"city": "Santiago", "country_code": "CUB"}, "CU"),
        ({"city": "Paris", "region": "Texas", "country": "United States"}, "US"),
        ({"city": "Paris", "region": "Texas"}, "US"),
        ({"country_code": "PT"}, "PT"),
        ({"country": "Deutschland"}, "DE"),
        ({"region": "Bavaria"}, "DE"),
        ({"city": "no such town", "country": "Chile"}, "CL"),
        ({"city": "Reykjavík"}, "IS"),
    ],
)
def test_a_named_place_is_the_truth_with_the_stated_probability(
    names: dict[str, str], code: str
) -> None:
    assert 0.84 < probability(country(code), place_clue(**names)) < 0.95


def test_a_city_is_its_own_town_with_its_suburbs() -> None:
    estimate = model().locate(None, [place_clue(city="Santiago", country="Chile")], ())
    assert (estimate.lat_deg, estimate.lon_deg) == pytest.approx((-33.45, -70.65), abs=0.3)
    assert math.isfinite(estimate.radius_km)


@pytest.mark.parametrize("names", [{"city": "no such town"}, {"sublocation": "the old mill"}])
def test_names_that_nobody_knows_say_nothing(names: dict[str, str]) -> None:
    assert model().weigh([place_clue(**names)], ()).posterior.likelihoods == ()


def test_with_a_position_the_names_are_the_same_claim_and_count_once() -> None:
    position, names = exif_clue(38.72, -9.14), place_clue(city="Lisbon", country="Portugal")
    alone = probability(country("PT"), position)
    assert probability(country("PT"), position, names) == alone


def test_a_false_name_is_outvoted_by_signs_of_another_country() -> None:
    signs = [text_clue("Tel. +351 213 456 789", 1), text_clue("www.padaria-lisboa.pt", 2)]
    seen = [*signs, *model().extract(signs)]
    assert probability(country("PT"), place_clue(country="Chile"), *seen) > 0.9
