"""Numbers of roads: how they are read, what is none, and what they say of countries."""

import numpy as np
import pytest

from geoagent_graph.evidence.sources.roads import road_clues, road_likelihood, written_so
from tests.support.evidence_cases import model, text_clue


def read(text: str, *, named: bool = False) -> list[str]:
    line = text_clue(text)
    named_lines = frozenset({line.id} if named else ())
    return [clue.attributes["road"] for clue in road_clues([line], named_lines)]


@pytest.mark.parametrize(
    ("text", "roads"),
    [
        ("BR-277", ["BR-277"]),
        ("A 7 E 45", ["A 7", "E 45"]),
        ("M7 M70", ["M7", "M70"]),
        ("Take I-35 to exit 4", ["I-35"]),
        ("М-10 Россия", ["М-10"]),
        ("国道17号", ["国道17号"]),
        ("DN7", ["DN7"]),
        ("RM 12", []),
        ("FM 104", []),
        ("E 330", []),  # no road of the network
        ("A4 paper", []),
        ("Room B12", []),
        ("S 8 kg", []),
        ("R 450 000", []),
        ("12.50", []),
    ],
)
def test_numbers_of_roads(text: str, roads: list[str]) -> None:
    assert read(text) == roads


def test_a_number_beside_a_place_is_a_road() -> None:
    assert read("B 27 Tübingen", named=True) == ["B 27"]
    assert read("B 27 Tübingen") == []


@pytest.mark.parametrize(
    ("road", "homes", "elsewhere"),
    [
        ("NH 44", ("IN",), "US"),
        ("US 50", ("US",), "FR"),
        ("E 45", ("DE", "IT", "SE"), "ES"),
        ("D 906", ("FR", "HR"), "GB"),
        ("SS 16", ("IT",), "US"),
        ("A303", ("GB",), "FR"),
    ],
)
def test_a_form_is_likelier_at_home(road: str, homes: tuple[str, ...], elsewhere: str) -> None:
    values, number_of = written_so(road, model().town_table), model().town_table.number_of
    assert all(values[number_of[home]] > 2 * values[number_of[elsewhere]] for home in homes)
    assert values.min() > 0.0  # never an exclusion


def test_a_bare_number_says_less_than_one_on_a_sign() -> None:
    table = model().town_table
    alone = road_clues([text_clue("M6")], frozenset())
    signed = road_clues([text_clue("M6 Birmingham")], frozenset({"text:0"}))
    bare, sign = road_likelihood(alone, table), road_likelihood(signed, table)
    assert bare is not None
    assert sign is not None
    assert np.ptp(bare.country) < np.ptp(sign.country)
    assert "written so in" in sign.description
    assert road_likelihood([], table) is None
