"""Telephone numbers, and what is none."""

import pytest

from geoagent_graph.evidence.phones.extraction import is_contact, phone_clues
from tests.support.evidence_cases import text_clue


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Tel. +49 89 123456", ["+4989123456"]),
        ("Tel. 21 342 1234", ["213421234"]),
        ("0049 30 1234567", ["+49301234567"]),
        ("(0049) 30 1234567", ["+49301234567"]),
        ("+ 49 30 1234567", ["+49301234567"]),
        ("＋49-30-1234567", ["+49301234567"]),
        ("+49 (0)30 1234567", ["+490301234567"]),
        ("(212) 555-0142", ["2125550142"]),
        ("Mobile:9862235143,", ["9862235143"]),
        ("12:30 9862235143", ["9862235143"]),
        ("+999 123 4567", []),
        ("08:00-18:00", []),
        ("24.12.2024", []),
        ("2019-2024", []),
        ("1.250.000", []),
        ("€ 1 234 567", []),
        ("12345", []),
    ],
)
def test_telephone_numbers(line: str, numbers: list[str]) -> None:
    assert [clue.attributes["number"] for clue in phone_clues([text_clue(line)])] == numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tel. 981 55 41 23", True),
        (", Tel. +34 981 55 41 23", True),
        ("+34 981 55 41 23", True),
        ("電話 0134-32-4111", True),
        ("Tel.", False),
        ("Calle Real 12", False),
        ("Calle Real, Tel. 981 55 41 23", False),
        ("24.12.2024", False),
    ],
)
def test_a_contact_is_a_number_and_nothing_more(text: str, expected: bool) -> None:
    assert is_contact(text) is expected
