"""Number plates: whose form they have, and how much that says."""

import random

import pytest

from benchmarks.check_plates import draw_plates
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.sources.plates import countries_writing, plate_clues
from tests.support.evidence_cases import Case, model, observed, text_clue


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("AE 1077 CO", "UA"),
        ("AC4921CB", "UA"),
        ("RK-115AN", "SK"),
        ("LM-298AI", "SK"),
        ("IF 10 KAX", "RO"),
        ("B 01 XEN", "RO"),
        ("KA 01 AB 1234", "IN"),
        ("品川 300", "JP"),
        ("あ 12-34", "JP"),
        ("12가 3456", "KR"),
        ("京A·12345", "CN"),
        ("34 ABC 123", "TR"),
        ("AB12 CDE", "GB"),
        ("1234 BCD", "ES"),
    ],
)
def test_national_forms(text: str, country: str) -> None:
    (clue,) = plate_clues([text_clue(text)])
    assert country in clue.attributes["countries"].split(",")


@pytest.mark.parametrize(
    "text",
    ["MSKU 123456 7", "TCLU4829135", "Tel. 12 34", "EXIT 12", "2024", "12:30", "80331 München", ""],
)
def test_what_is_no_plate(text: str) -> None:
    assert plate_clues([text_clue(text)]) == []


def test_letters_of_the_country_beside_it_choose() -> None:
    (clue,) = plate_clues([text_clue("RO", 0), text_clue("B 320 WTW", 1)])
    assert clue.attributes["country_code"] == "RO"
    (inside,) = plate_clues([text_clue("SK RK-115AN")])
    assert (inside.attributes["plate"], inside.attributes["country_code"]) == ("RK 115AN", "SK")


def test_a_form_of_several_countries_is_of_all_of_them() -> None:
    assert {"FR", "IT", "GE"} <= set(countries_writing("AB 123 CD"))


def test_a_form_that_few_plates_have_is_likelier_meant() -> None:
    weights = countries_writing("RK 099AN")  # one of 79 districts, in Italy any two letters
    assert next(iter(weights)) == "SK"
    assert weights["IT"] < weights["SK"] == 1.0
    assert list(countries_writing("1234 BCD")) == ["ES"]  # few American plates are so


def test_two_readings_of_one_plate_are_one() -> None:
    (clue,) = plate_clues(
        [text_clue("BA 123AB", 0), text_clue("8A 123AB", 1), text_clue("BA 123A8")]
    )
    assert "SK" in clue.attributes["countries"].split(",")
    assert len(plate_clues([text_clue("BA 123AB", 0), text_clue("KE 987XY", 1)])) == 2


def test_a_plate_by_itself_claims_no_wrong_country() -> None:
    drawn = [one for one in draw_plates(1, seed=5) if one[1] in ("as read", "misread")]
    wrong = [
        (code, lines)
        for code, _, lines in random.Random(3).sample(drawn, 25)
        if probability_of_others(code, lines) >= parameters().thresholds.country
    ]
    assert wrong == []


def probability_of_others(code: str, lines: tuple[str, ...]) -> float:
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    others = posterior.country_probability.copy()
    others[model().town_table.number_of[code]] = 0.0
    return float(others.max())


def probability(code: str, *lines: str) -> float:
    posterior = model().weigh(observed(Case(*lines)), ()).posterior
    return float(posterior.country_probability[model().town_table.number_of[code]])


def test_a_plate_is_a_likelihood_and_never_more() -> None:
    lines = ((), ("AE 1077 CO",), ("AE 1077 CO", "AC4921CB"))
    before, one, two = (
        share / (1.0 - share) for share in (probability("UA", *read) for read in lines)
    )
    assert before < one <= 50.1 * before  # odds: at most fifty times likelier at home
    assert one < two <= 50.1**1.5 * before  # and half of that again
    # a car travels: signs outweigh it
    signs = ("Padaria", "Rua Direita", "Tel. +351 253 514 022", "AE 1077 CO")
    assert probability("PT", *signs) > 0.9


@pytest.mark.parametrize(
    "text", ["WA 12345", "AB 12345", "MSKU 123456 7", "RP 6231", "KA 01 AB 1234"]
)
def test_letters_and_figures_are_no_postal_code_and_no_price(text: str) -> None:
    assert not {"postal_code", "currency"} & {clue.kind for clue in observed(Case(text))}
