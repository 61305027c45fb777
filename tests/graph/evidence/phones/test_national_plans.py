"""Which countries a number may be of."""

import numpy as np
import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.extraction import phone_clues
from geoagent_graph.evidence.phones.national_plans import (
    Reading,
    likelihood_by_country,
    readings_of_number,
)
from geoagent_graph.evidence.towns import Floats
from tests.support.evidence_cases import model, text_clue


def by_country(text: str) -> tuple[Floats, list[str]]:
    """Return P(number | country), and the countries whose plans it fits."""
    table = model().town_table
    clue = phone_clues([text_clue(text)])[0]
    readings = readings_of_number(clue, table)
    fitting = [reading.region for reading in readings]
    return likelihood_by_country(clue, readings, table), fitting


@pytest.mark.parametrize(
    "text",
    ["Tel. +49 30 1234567", "0049 30 1234567", "+49 (0)30 1234567", "(+49) 30 / 123 45 67"],
)
def test_every_spelling_of_a_country_code_is_the_same_number(text: str) -> None:
    country, fitting = by_country(text)
    number = model().town_table.number_of["DE"]
    assert fitting == ["DE"]
    assert country[number] == 1.0
    assert np.delete(country, number).max() < 0.01


def test_a_number_of_a_shared_calling_code_is_of_the_country_that_has_it() -> None:
    assert by_country("Tel. +1 876 922 1234")[1] == ["JM"]
    assert by_country("Tel. +1 212 736 1234")[1] == ["US"]


def test_a_number_that_its_country_does_not_have_still_points_there() -> None:
    country, fitting = by_country("Tel. +34 111 111 111")
    assert fitting == ["ES"]
    assert 0.01 < country[model().town_table.number_of["ES"]] < 1.0


def test_a_number_that_many_plans_have_says_less() -> None:
    table = model().town_table
    clue = phone_clues([text_clue("Tel. 2223 4567")])[0]

    def spread(plans: int) -> float:
        readings = [Reading(number, "XX", 1.0, True, None) for number in range(plans)]
        country = likelihood_by_country(clue, readings, table)
        return float(country.max() / country.min())

    everywhere = len(table.codes)
    assert spread(everywhere // 2) < 0.5 * spread(5) < 20
    assert spread(everywhere // 2) < 7


def test_the_way_it_is_written_breaks_ties() -> None:
    table = model().town_table
    country, fitting = by_country("Tel. 981 55 41 23")
    # the format of Spain; Germany would write a zero before it
    assert {"ES", "DE"} <= set(fitting)
    assert country[table.number_of["ES"]] > 2 * country[table.number_of["DE"]]


def test_a_number_in_one_block_is_grouped_in_no_other_way() -> None:
    (clue,) = phone_clues([text_clue("Mobile: 9862235143")])
    readings = readings_of_number(clue, model().town_table)
    india = [reading for reading in readings if reading.region == "IN"]
    assert india[0].likelihood == pytest.approx(parameters().phone.without_trunk)
