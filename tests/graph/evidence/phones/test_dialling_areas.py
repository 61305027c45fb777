"""The areas that libphonenumber's prefixes lead to, and the towns that stand for them."""

import phonenumbers
import pytest

from geoagent_graph.evidence.phones.dialling_areas import (
    MAX_SITES,
    AreaPrefix,
    DiallingAreas,
    area_prefix,
)
from tests.support.evidence_cases import model


def areas_of(code: str) -> DiallingAreas:
    return DiallingAreas.of(model().town_table, code)


def sites(code: str, number: str) -> list[str]:
    """Return the names of the towns that stand for the area of a number."""
    prefix = area_prefix(phonenumbers.parse(number))
    assert prefix is not None
    gazetteer = model().town_table.gazetteer
    return [gazetteer.name(town) for town in areas_of(code).sites_of_prefix(prefix).tolist()]


@pytest.mark.parametrize(
    ("number", "digits", "description"),
    [
        ("+34981554123", "34981", "A Coruña"),
        ("+390352471180", "39035", "Bergamo"),
        ("+5492944421234", "54294", "San Carlos de Bariloche, Río Negro"),
    ],
)
def test_the_longest_prefix_tells_the_area(number: str, digits: str, description: str) -> None:
    found = area_prefix(phonenumbers.parse(number))
    assert found is not None
    assert found.digits.startswith(digits)
    assert description.split(",")[0] in found.description


def test_a_number_without_an_area_has_no_prefix() -> None:
    assert area_prefix(phonenumbers.parse("+37744123456")) is None


def test_an_area_named_after_a_town_is_that_town() -> None:
    assert sites("ES", "+34981554123") == ["A Coruña"]


def test_a_name_of_town_and_division_is_the_division_unless_others_lie_inside() -> None:
    assert {"Muğla", "Bodrum"} <= set(sites("TR", "+902523161234"))
    # Salzburg has a code of its own, as other towns of the state of Salzburg have
    assert sites("AT", "+43662841234") == ["Salzburg"]


MADE_UP = {
    "341": "Galicia",
    "3411": "Lugo",
    "3412": "Ourense",
    "3421": "Nowhere at all",
    "3422": "Utrera",
    "3423": "Dos Hermanas",
    "343": "Nowhere at all",
}


def made_up_sites(digits: str) -> set[str]:
    """Return the names of the towns that stand for a prefix of made-up areas in Spain."""
    areas = DiallingAreas(areas_of("ES").names, MADE_UP)
    towns = areas.sites_of_prefix(AreaPrefix(digits, MADE_UP[digits]))
    assert len(towns) <= MAX_SITES
    return {model().town_table.gazetteer.name(town) for town in towns.tolist()}


def test_a_prefix_of_a_whole_division_is_as_wide_as_the_longer_ones_behind_it() -> None:
    assert made_up_sites("341") == {"Lugo", "Ourense"}


def test_an_area_whose_name_is_unknown_lies_where_those_beside_it_lie() -> None:
    assert made_up_sites("3421") == {"Utrera", "Dos Hermanas"}
    assert made_up_sites("343") == set()  # those beside it lie in all of the country


def test_an_area_without_any_name_has_no_towns() -> None:
    assert not len(areas_of("ES").sites_of_prefix(AreaPrefix("00000", "Nowhere at all")))


def test_countries_of_one_calling_code_have_their_own_prefixes() -> None:
    assert all(digits.startswith(("1658", "1876")) for digits in areas_of("JM").prefixes)
    assert "1212" not in areas_of("JM").prefixes
