"""Prices, and what is none."""

import pytest

from geoagent_graph.evidence.sources.currencies import currency_clues
from tests.support.evidence_cases import text_clue


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("12,50 €", "EUR"),
        ("R$ 4,50", "BRL"),
        ("25 zł", "PLN"),
        ("CHF 12.50", "CHF"),
        ("₹ 120", "INR"),
        ("4.50 лв", "BGN"),
    ],
)
def test_currencies(line: str, codes: str) -> None:
    assert [clue.attributes["codes"] for clue in currency_clues([text_clue(line)])] == [codes]


@pytest.mark.parametrize("line", ["12 km", "Exchange € $ £", "Krone", "3 Q", "Room 12"])
def test_what_is_no_price(line: str) -> None:
    assert currency_clues([text_clue(line)]) == []
