"""The joint posterior: exact sums, likelihood ratios that add up, points and radii."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.protocols import RuledOut
from geoagent_graph.types import Clue, Evidence, Place
from tests.support.evidence_cases import Case, model, observed

LINES = ("Pizzeria Roma", "Hauptstraße 12", "+49 89 123456", "www.roma-muenchen.de")


def total(lines: list[Evidence]) -> float:
    return math.fsum(line.log_lr for line in lines)


def brute_force_log(place: Place | None, posterior: Posterior) -> float:
    """log P(all signals | place), town by town."""
    town_table = posterior.town_table
    region = model().region(place)
    rows = region.towns if region.towns is not None else np.arange(len(town_table))
    if region.towns is None:
        rows = rows[np.isin(town_table.country, region.countries)]
    likelihood = np.zeros(len(rows))
    for single in posterior.likelihoods:
        likelihood += single.at(rows, town_table.country[rows])
    prior = posterior.prior[rows] / posterior.prior[rows].sum()
    top = likelihood.max()
    return float(top + np.log(prior @ np.exp(likelihood - top)))


@pytest.mark.parametrize(
    ("candidate", "within"),
    [("EU", None), ("AF", None), ("DE", "EU"), ("IT", "EU"), ("Munich", "DE"), ("Berlin", "DE")],
)
def test_the_lines_sum_to_the_joint_ratio(candidate: str, within: str | None) -> None:
    clues = observed(Case(*LINES))
    gazetteer = model().town_table.gazetteer

    def place(name: str | None) -> Place | None:
        if name is None:
            return None
        if name in gazetteer.continents:
            return gazetteer.continent_place(name)
        if len(name) == 2:
            return gazetteer.country_place(name)
        return gazetteer.place(int(gazetteer.matches(name.lower())[0]))

    chosen, whole = place(candidate), place(within)
    assert chosen is not None
    posterior = model().weigh(clues, ()).posterior
    expected = brute_force_log(chosen, posterior) - brute_force_log(whole, posterior)
    assert total(model().score(chosen, whole, clues, ())) == pytest.approx(expected, abs=1e-9)


def test_single_lines_are_the_single_ratios() -> None:
    clues = observed(Case(*LINES))
    germany = model().town_table.gazetteer.country_place("DE")
    lines = model().score(germany, None, clues, ())
    posterior = model().weigh(clues, ()).posterior
    for line, likelihood in zip(lines, posterior.likelihoods, strict=False):
        alone = Posterior.of(model().town_table, model().prior, [likelihood])
        expected = brute_force_log(germany, alone) - brute_force_log(None, alone)
        assert line.log_lr == pytest.approx(expected, abs=1e-9), line
    assert lines[-1].source == "together"
    assert len(lines) == len(posterior.likelihoods) + 1


def test_probabilities_of_countries_and_cities_sum_to_one() -> None:
    clues = observed(Case("Springfield"))
    posterior = model().weigh(clues, ()).posterior
    countries = [
        posterior.mass(Region(np.array([number])))
        for number in range(len(model().town_table.codes))
    ]
    assert math.fsum(countries) == pytest.approx(1.0)
    cities = model().cities.of(model().town_table.number_of["US"])
    masses = [
        posterior.mass(Region(np.empty(0, int), cities.towns_of(city)))
        for city in range(len(cities.centre))
    ]
    united_states = model().town_table.gazetteer.country_place("US")
    assert math.fsum(masses) == pytest.approx(model().probability(united_states, clues, ()))


def test_without_observations_the_posterior_is_the_prior() -> None:
    posterior = model().weigh((), ()).posterior
    assert np.allclose(posterior.probability, model().prior)
    assert model().score(model().town_table.gazetteer.country_place("FR"), None, (), ()) == []


def test_repeating_a_line_adds_little() -> None:
    spain = model().town_table.gazetteer.country_place("ES")
    once = observed(Case("Panadería abierta todos los días"))
    thrice = observed(Case(*["Panadería abierta todos los días"] * 5))
    one = total(model().score(spain, None, once, ()))
    five = total(model().score(spain, None, thrice, ()))
    assert abs(five - one) < 0.5


def test_a_name_in_two_languages_counts_once() -> None:
    germany = model().town_table.gazetteer.country_place("DE")
    once = model().weigh(observed(Case("München")), ()).posterior.likelihoods
    twice = model().weigh(observed(Case("München", "Munich")), ()).posterior.likelihoods
    names = [likelihood for likelihood in twice if likelihood.source == "place_name"]
    assert len(names) == 1 == sum(likelihood.source == "place_name" for likelihood in once)
    assert germany.country_code == "DE"


def test_more_agreeing_names_say_more() -> None:
    names = ("Rosenheim", "Kolbermoor", "Raubling")
    clues = [observed(Case(*names[:count])) for count in (1, 2, 3)]
    region = [model().weigh(found, ()).posterior for found in clues]
    around, _ = model().town_table.near(47.85, 12.12, 60.0)
    shares = [float(posterior.probability[around].sum()) for posterior in region]
    assert shares[0] < shares[1]
    assert shares[1] < shares[2]


def test_point_and_radius_of_a_clear_sign() -> None:
    clues = observed(Case("80331 München", "Marienplatz"))
    germany = model().town_table.gazetteer.country_place("DE")
    for within in (None, germany):
        lat, lon, radius = astuple(model().locate(within, clues, ()))[:3]
        assert math.hypot(lat - 48.14, (lon - 11.58) * 0.67) < 0.15
        assert 5 < radius < 60


def test_with_nothing_seen_the_radius_spans_continents() -> None:
    lat, lon, radius = astuple(model().locate(None, (), ()))[:3]
    assert -60 < lat < 75
    assert -180 <= lon < 180
    assert 8000 < radius <= 20100


def test_with_nothing_seen_the_answer_is_the_prior_made_once() -> None:
    nothing = [Clue(id="text:1", kind="text", text="1", source="by hand")]
    found, posterior = model().locate(None, (), ()), model().weigh((), ()).posterior
    assert found.is_prior
    assert model().locate(None, nothing, ()) is found
    assert not model().locate(None, observed(Case(*LINES)), ()).is_prior
    number = model().town_table.number_of["FR"]
    assert found.countries["FR"] == pytest.approx(posterior.country_prior[number], abs=1e-7)


def test_every_answer_has_the_countries_of_the_world() -> None:
    clues = observed(Case(*LINES))
    kenya = model().town_table.gazetteer.country_place("KE")
    everywhere = model().locate(kenya, clues, ()).countries
    assert math.fsum(everywhere.values()) == pytest.approx(1.0, abs=1e-4)
    assert next(iter(everywhere)) == "DE"
    germany = model().town_table.gazetteer.country_place("DE")
    left = model().locate(None, clues, (), RuledOut((germany,))).countries
    assert "DE" not in left
    assert math.fsum(left.values()) == pytest.approx(1.0, abs=1e-4)


def test_the_point_stays_inside_what_was_accepted() -> None:
    clues = observed(Case("München"))
    kenya = model().town_table.gazetteer.country_place("KE")
    lat, lon, radius = astuple(model().locate(kenya, clues, ()))[:3]
    assert -5 < lat < 6
    assert 33 < lon < 43
    assert math.isfinite(radius)
