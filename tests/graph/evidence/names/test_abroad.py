"""Embassies, twin towns and ships: what they name is elsewhere."""

import pytest

from geoagent_graph.evidence.names.abroad import (
    abroad_lines,
    embassy_clues,
    is_ship_name,
    names_embassy,
    names_ship,
    start_of_twins,
)
from geoagent_graph.types import Box, Clue
from tests.support.evidence_cases import Case, model, observed, text_clue


def country_probability(code: str, *lines: str) -> float:
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    return float(posterior.country_probability[model().town_table.number_of[code]])


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("FR", ("AMBASSADE DE FRANCE",)),
        ("DE", ("Botschaft der Bundesrepublik Deutschland",)),
        ("IT", ("Ambasciata d'Italia",)),
        ("ES", ("Embajada de España",)),
        ("BR", ("Consulado-Geral do Brasil",)),
        ("PL", ("Ambasada Polski",)),
        ("HU", ("Magyarország Nagykövetsége",)),
        ("FI", ("Suomen suurlähetystö",)),
        ("US", ("Посольство США",)),
        ("JP", ("日本国大使館",)),
        ("KR", ("대한민국 대사관",)),
        ("TR", ("Türkiye Büyükelçiliği",)),
        ("NO", ("Norwegian Consulate", "Norway")),
        ("DE", ("Twinned with Bad Homburg, Germany",)),
        ("FR", ("Partnerstadt Besançon, Frankreich",)),
        ("GB", ("Jumelée avec Coventry",)),
        ("DE", ("Gemellata con Erlangen, Germania",)),
        ("DE", ("Miasta partnerskie", "Göttingen", "Bochum")),
        ("HU", ("Partnerstädte", "Székesfehérvár")),
    ],
    ids=str,
)
def test_what_is_named_as_abroad_is_elsewhere(code: str, lines: tuple[str, ...]) -> None:
    assert country_probability(code, *lines) < 0.05


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("AO", "Rua de Angola"),
        ("JP", "Avenida Japón"),
        ("US", "Avenue des États-Unis"),
        ("CU", "Calle Cuba"),
        ("DE", "MS Deutschland"),
        ("GR", "Restaurant Griechenland"),
    ],
)
def test_streets_ships_and_businesses_named_after_a_country(code: str, line: str) -> None:
    assert country_probability(code, line) < 0.5


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("IT", "Informazioni turistiche Siena"),
        ("HR", "Turistička zajednica Zadar"),
        ("PL", "Informacja turystyczna Sandomierz"),
        ("NL", "VVV Zandvoort"),
    ],
)
def test_the_town_of_a_tourist_office_counts(code: str, line: str) -> None:
    assert country_probability(code, line) > 0.6


def test_the_signs_of_the_town_itself_stand() -> None:
    lines = ("Willkommen in Ettlingen", "Rathaus", "Partnerstadt Épernay, Frankreich")
    assert country_probability("DE", *lines) > 0.8


def test_an_embassy_is_one_clue_per_country() -> None:
    (clue,) = embassy_clues([text_clue("Embassy of Japan", 0), text_clue("日本国大使館", 1)])
    assert clue.attributes["country_code"] == "JP"
    assert clue.attributes["context"] == "abroad"


@pytest.mark.parametrize("text", ["Bottschaft", "Embassador Hotel", "France"])
def test_words_that_only_look_like_an_embassy(text: str) -> None:
    assert not names_embassy(text)


def test_only_the_block_below_lists_twin_towns() -> None:
    def at(number: int, text: str, top: float) -> Clue:
        box = Box(left=0.1, top=top, right=0.5, bottom=top + 0.05)
        return Clue(id=f"text:{number}", kind="text", text=text, source="reader", box=box)

    lines = [at(0, "Epping", 0.1), at(1, "Twinned with", 0.3), at(2, "Eppingen", 0.36)]
    lines.append(at(3, "Bakery", 0.8))
    assert abroad_lines(lines) == {"text:1": "twins", "text:2": "twins"}


def test_where_the_words_for_twins_end() -> None:
    assert start_of_twins("Braga") == 0
    assert start_of_twins("Twinned with Bonn") == len("twinned with ") - 1


def test_what_stands_before_the_name_of_a_ship() -> None:
    assert is_ship_name("MS ")
    assert not is_ship_name("Hotel ")
    assert not is_ship_name("")
    assert is_ship_name("M/V ")
    assert not is_ship_name("Emma ")


@pytest.mark.parametrize("text", ["MS Berlin", "M/S Stockholm", "HMS Belfast", "IMO 9811000"])
def test_the_line_of_a_ship(text: str) -> None:
    assert names_ship(text)


@pytest.mark.parametrize("text", ["KM 12", "MS", "Msgr Miller", "Emma Berlin", ""])
def test_other_lines_are_no_ships(text: str) -> None:
    assert not names_ship(text)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("DE", ("MS Berlin", "HAMBURG")),
        ("SE", ("M/S Stockholm", "GÖTEBORG")),
        ("NO", ("OSLO", "MV Fjordlys")),
        ("FR", ("YVES ROCHER", "LA GACILLY")),
        ("DE", ("WMF", "GEISLINGEN")),
        ("MX", ("Calle México",)),
        ("BR", ("Avenida Brasil",)),
    ],
)
def test_ports_makers_and_namesakes_make_no_claim(code: str, lines: tuple[str, ...]) -> None:
    assert country_probability(code, *lines) < 0.5
