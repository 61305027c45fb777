"""Brands tell countries apart: one name little, two much, a name of words hardly anything."""

import pytest

from geoagent_graph.evidence.sources.brands import brand_clues
from geoagent_graph.types import Clue
from tests.support.evidence_cases import Case, model, observed


def share(code: str, *lines: str) -> float:
    place = model().town_table.gazetteer.country_place(code)
    clues = [clue for clue in observed(Case(*lines)) if clue.kind == "brand"]
    return model().probability(place, clues, ())


def test_one_name_is_no_country_and_two_are() -> None:
    before = share("HU")
    one, two = share("HU", "Rossmann"), share("HU", "Rossmann", "OTP Bank")
    assert before < one < 0.1
    assert two > 0.5
    assert share("US", "Penske Truck Rental") < 0.55  # what a claim needs; the prior has it first
    assert (
        max((share(code, "Rossmann", "OTP Bank"), code) for code in ("DE", "HU", "RO"))[1] == "HU"
    )


def test_no_country_is_ruled_out() -> None:
    assert share("PE", "Rossmann", "OTP Bank") > share("PE") * 0.03**2


@pytest.mark.parametrize("name", ["The People", "National Bank"])
def test_names_of_ordinary_words_say_little(name: str) -> None:
    places = {"The People": "FR", "National Bank": "CA"}
    assert share(places[name], name) < 4 * share(places[name])


def test_a_name_on_two_lines_is_one_clue() -> None:
    lines = [Clue(id=f"text:{n}", kind="text", text="Rossmann", source="by hand") for n in (1, 2)]
    (clue,) = brand_clues(lines)
    assert clue.attributes == {"name": "rossmann", "read": "alone", "read_in": "text:1"}
