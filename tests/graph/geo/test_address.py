"""Names with several parts: what the later ones do to the first."""

import pytest

from geoagent_graph.geo.address import AddressSearch, _cut_in_two
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.name_search import Match, NameSearch


@pytest.fixture(scope="module")
def search(gazetteer: Gazetteer) -> AddressSearch:
    return AddressSearch(gazetteer)


def country_of(gazetteer: Gazetteer, match: Match) -> str:
    code: str = gazetteer.countries[gazetteer.country_index[match.town]].code
    return code


@pytest.mark.parametrize(
    ("text", "code"),
    [("Paris, France", "FR"), ("Paris, TX", "US"), ("Paris Texas", "US"), ("日本、大阪", "JP")],
)
def test_the_other_parts_choose_the_country(
    search: AddressSearch, gazetteer: Gazetteer, text: str, code: str
) -> None:
    assert country_of(gazetteer, search.find(text)[0]) == code


def test_a_street_before_the_town_is_passed_over_at_a_price(search: AddressSearch) -> None:
    plain, behind_street = search.find("Porto, Portugal"), search.find("Zzqx 12, Porto, Portugal")
    assert behind_street[0].town == plain[0].town
    assert behind_street[0].similarity == pytest.approx(0.9 * plain[0].similarity)


def test_what_nothing_confirms_still_comes_for_less(
    search: AddressSearch, gazetteer: Gazetteer
) -> None:
    alone = NameSearch(gazetteer).exact("Porto")
    found = search.find("Porto, Zzqxland")
    assert [match.town for match in found] == [match.town for match in alone]
    assert found[0].similarity == pytest.approx(0.7 * alone[0].similarity)


def test_text_without_a_name_finds_nothing(search: AddressSearch) -> None:
    assert search.find("") == search.find(" , ;、") == []


def test_a_name_is_cut_at_every_space_the_longest_first_part_first() -> None:
    assert _cut_in_two("San Pedro Sula Cortés") == [
        ("San Pedro Sula", "Cortés"),
        ("San Pedro", "Sula Cortés"),
        ("San", "Pedro Sula Cortés"),
    ]
    assert _cut_in_two("Lisbon") == []
    assert _cut_in_two("one two three four five six seven") == []
