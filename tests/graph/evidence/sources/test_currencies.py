"""Prices, and what is none."""

import pytest

from geoagent_graph.evidence.sources.currencies import currency_clues, currency_likelihood
from tests.support.evidence_cases import model, text_clue


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("12,50 €", "EUR"),
        ("R$ 4,50", "BRL"),
        ("25 zł", "PLN"),
        ("CHF 12.50", "CHF"),
        ("₹ 120", "INR"),
        ("4.50 лв", "BGN"),
        ("RM 12.50", "MYR"),
        ("Fr. 9.50", "CHF"),
        ("50 TL", "TRY"),
        ("Rp 15.000", "IDR"),
        ("1 200 Ft", "HUF"),
    ],
)
def test_currencies(line: str, codes: str) -> None:
    assert [clue.attributes["codes"] for clue in currency_clues([text_clue(line)])] == [codes]


@pytest.mark.parametrize(
    "line",
    [
        "12 km",
        "Exchange € $ £",
        "Krone",
        "3 Q",
        "Room 12",
        "RM 12",
        "Rm. 204",
        "TL 5",
        "Fr. 9-13",
        "Fr. 9 Uhr",
        "SAR 5",
        "KN 12",
        "RP6231",
        "LE 12",
        "MAX 12 FT",
        "DIN 912",
        "LEI 5",
    ],
)
def test_what_is_no_price(line: str) -> None:
    assert currency_clues([text_clue(line)]) == []


def test_a_doubtful_word_with_several_amounts_is_a_price_list() -> None:
    menu = [text_clue("Nasi goreng RM 12", 0), text_clue("Teh tarik RM 3", 1)]
    assert [clue.attributes["codes"] for clue in currency_clues(menu)] == ["MYR"]


@pytest.mark.parametrize("beside", ["Mo. 8.00", "Sprechzeiten", "ÖFFNUNGSZEITEN", "bis 12 Uhr"])
def test_friday_is_no_money(beside: str) -> None:
    hours = [text_clue(beside, 0), text_clue("Fr. 9.50", 1)]
    assert currency_clues(hours) == []


def test_rupees_of_many_countries_name_none() -> None:
    assert currency_clues([text_clue("Rs 1")]) == []
    clues = currency_clues([text_clue("Rs 250")])
    assert clues[0].attributes["codes"] == "INR,PKR,LKR,NPR,MUR"
    likelihood = currency_likelihood(clues[0], model().town_table)
    assert likelihood is not None
    india, pakistan = (model().town_table.number_of[code] for code in ("IN", "PK"))
    assert likelihood.country[pakistan] > likelihood.country[india] > likelihood.country.min()
