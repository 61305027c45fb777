"""What descriptions of dialling areas name."""

import pytest

from geoagent_graph.evidence.phones.area_names import CountryNames, abbreviated, plain_division
from tests.support.evidence_cases import model


def names_of(code: str) -> CountryNames:
    table = model().town_table
    return CountryNames(table, table.number_of[code])


@pytest.mark.parametrize(
    ("code", "description", "towns"),
    [
        ("ES", "Seville", ["Sevilla"]),
        ("JP", "Otaru, Hokkaido", ["Otaru"]),
        ("BR", "Ouro Preto - MG", ["Ouro Preto"]),
        ("PY", "Ita", ["Itá"]),
        ("SA", "Makkah/Jeddah", ["Jeddah", "Makkah"]),
        ("TR", "Istanbul (Anatolia)", ["Istanbul"]),
        ("SE", "Flen-Malmköping", ["Flen", "Malmköping"]),
        ("VN", "Quang Ninh province", []),
        ("ES", "Salamanca", ["Salamanca"]),
        ("ES", "Nowhere at all", []),
    ],
)
def test_descriptions_name_towns(code: str, description: str, towns: list[str]) -> None:
    gazetteer = model().town_table.gazetteer
    found = names_of(code).named(description)
    assert [gazetteer.name(town) for town in found.towns.tolist()] == towns


def test_the_division_behind_a_name_chooses_the_town() -> None:
    gazetteer = model().town_table.gazetteer
    towns = names_of("BR").named("Santa Luzia - MA").towns.tolist()
    assert [gazetteer.region(town) for town in towns] == ["Maranhao"]


def test_a_quarter_of_a_city_is_not_the_town_of_its_name() -> None:
    gazetteer = model().town_table.gazetteer
    town = int(names_of("ES").named("Salamanca").towns[0])
    assert float(gazetteer.lon_deg[town]) < -5  # not the quarter of Madrid, which has more people


@pytest.mark.parametrize(
    ("code", "description", "town", "outside"),
    [
        ("VN", "Quang Ninh province", "Hạ Long", "Hanoi"),
        ("TR", "Mugla", "Bodrum", "İzmir"),
        ("KR", "Gyeongbuk", "Andong", "Busan"),
    ],
)
def test_descriptions_name_divisions(code: str, description: str, town: str, outside: str) -> None:
    gazetteer = model().town_table.gazetteer
    found = names_of(code).named(description).division.tolist()
    inside = {gazetteer.name(row) for row in found}
    assert town in inside
    assert outside not in inside


def test_a_name_of_the_other_country_of_a_calling_code_names_nothing() -> None:
    found = names_of("US").named("London, ON")
    assert not len(found.towns)
    assert not len(found.division)


def test_the_word_for_the_kind_of_division_is_no_name() -> None:
    assert plain_division("Quang Ninh province") == "quang ninh"
    assert plain_division("Province") == "province"


def test_letters_stand_for_names_that_begin_so_or_have_these_initials() -> None:
    names = ("minas gerais", "maranhao", "mato grosso do sul", "parana")
    assert abbreviated("ma", names) == {"maranhao", "mato grosso do sul"}
    assert abbreviated("mg", names) == {"minas gerais"}
    assert abbreviated("ms", names) == {"minas gerais", "mato grosso do sul"}
    assert abbreviated("xy", names) == frozenset()
    assert abbreviated("", names) == frozenset()
