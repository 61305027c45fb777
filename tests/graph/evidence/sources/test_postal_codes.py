"""Postal codes, and what is none."""

import pytest

from geoagent_graph.evidence.sources.postal_codes import postal_code_clues
from tests.support.evidence_cases import text_clue


@pytest.mark.parametrize(
    ("line", "country"),
    [
        ("SW1A 1AA", "GB"),
        ("K1A 0B1", "CA"),
        ("D-80331 München", "DE"),
        ("〒100-0001", "JP"),
        ("Springfield, IL 62701", "US"),
    ],
)
def test_postal_codes_with_a_country(line: str, country: str) -> None:
    clues = postal_code_clues([text_clue(line)], frozenset())
    assert [clue.attributes["country_code"] for clue in clues] == [country]


@pytest.mark.parametrize("line", ["12345", "Tel. 030 12345", "room 1204", "1999"])
def test_bare_digits_are_no_postal_code(line: str) -> None:
    assert postal_code_clues([text_clue(line)], frozenset()) == []


@pytest.mark.parametrize(
    "line",
    ["DIC 2024", "ABC 1234", "D 1089 Ussel", "B3212 Princetown", "Boise, I 83702", "2019 Marina"],
)
def test_months_plates_and_roads_are_no_postal_codes(line: str) -> None:
    assert postal_code_clues([text_clue(line)], frozenset({"text:0"} if "B3" in line else ())) == []


def test_a_prefix_before_as_many_digits_as_its_country_has_is_one() -> None:
    clues = postal_code_clues([text_clue("A-1010 Wien")], frozenset())
    assert [clue.attributes["country_code"] for clue in clues] == ["AT"]
