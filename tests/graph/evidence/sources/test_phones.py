"""Telephone numbers, and what is none."""

import pytest

from geoagent_graph.evidence.sources.phones import phone_clues
from tests.support.evidence_cases import text_clue


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("Tel. +49 89 123456", ["+4989123456"]),
        ("Tel. 21 342 1234", ["213421234"]),
        ("0049 30 1234567", ["+49301234567"]),
        ("(212) 555-0142", ["2125550142"]),
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
