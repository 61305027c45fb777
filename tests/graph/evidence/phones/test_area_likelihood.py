"""How likely towns are to have a number of an area."""

import numpy as np
import pytest

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.phones.area_likelihood import AreaRatios, area_ratios
from geoagent_graph.evidence.phones.dialling_areas import AreaPrefix, DiallingAreas
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.geo.names import fold
from tests.support.evidence_cases import model


def ratios(code: str, digits: str) -> AreaRatios:
    areas = DiallingAreas.of(model().town_table, code)
    found = area_ratios(areas, AreaPrefix(digits, areas.prefixes[digits]))
    assert found is not None
    return found


def at(found: AreaRatios, code: str, name: str) -> float:
    """Return the ratio at the largest town of a name."""
    table = model().town_table
    towns = table.gazetteer.matches(fold(name)).tolist()
    town = next(row for row in towns if table.country[row] == table.number_of[code])
    row = int(np.searchsorted(found.towns, town))
    inside = row < len(found.towns) and found.towns[row] == town
    return float(found.ratio[row]) if inside else found.elsewhere


def test_the_towns_of_a_province_are_about_as_likely_as_its_capital() -> None:
    found = ratios("ES", "34981")
    capital = at(found, "ES", "A Coruña")
    for town in ("Ferrol", "Carballo", "Betanzos", "Ordes"):
        assert at(found, "ES", town) > 0.7 * capital
    # as near to Pontevedra, whose area is another
    assert at(found, "ES", "Santiago de Compostela") > 0.3 * capital


def test_the_area_ends_softly_where_the_next_one_is_as_near() -> None:
    found = ratios("ES", "34981")
    fall = [at(found, "ES", town) for town in ("A Coruña", "Pontevedra", "Zamora", "Almería")]
    assert fall == sorted(fall, reverse=True)
    assert fall[1] < 0.2 * fall[0]
    assert fall[-1] == pytest.approx(found.elsewhere, rel=0.02)


def test_a_small_area_is_small() -> None:
    found = ratios("AT", "436245")  # a town with a code of its own, as all around have
    assert at(found, "AT", "Hallein") > 5 * at(found, "AT", "Salzburg")
    assert at(found, "AT", "Salzburg") > at(found, "AT", "Graz")


@pytest.mark.parametrize(("code", "digits"), [("ES", "34981"), ("AT", "436245")])
def test_the_mean_over_a_country_is_one(code: str, digits: str) -> None:
    table, found = model().town_table, ratios(code, digits)
    country = table.towns_of(table.number_of[code])
    value = np.full(country.stop - country.start, found.elsewhere)
    value[found.towns - country.start] = found.ratio
    prior = prior_over_towns(table)[country]
    assert float(prior @ value / prior.sum()) == pytest.approx(1.0, abs=0.02)


def test_no_town_is_ruled_out_and_none_is_certain() -> None:
    weights = parameters().phone
    elsewhere = 1 - weights.area - weights.around
    most = (weights.area + weights.around) / weights.least_area + elsewhere
    for code, digits in (("ES", "34981"), ("AT", "436245")):
        found = ratios(code, digits)
        assert found.elsewhere > 0.1
        assert float(found.ratio.max()) / found.elsewhere <= most / elsewhere


def test_an_area_of_unknown_towns_says_nothing() -> None:
    areas = DiallingAreas.of(model().town_table, "ES")
    assert area_ratios(areas, AreaPrefix("00000", "Nowhere at all")) is None
