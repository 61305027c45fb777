"""The joint posterior: exact sums, likelihood ratios that add up, points and radii."""

import math
from dataclasses import astuple

import numpy as np
import pytest

from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.types import Evidence, Place, Reference
from tests.support.evidence_cases import Case, exif_clue, model, observed

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
        lat, lon, radius = astuple(model().locate(within, clues, ()))
        assert math.hypot(lat - 48.14, (lon - 11.58) * 0.67) < 0.15
        assert 5 < radius < 60


def test_with_nothing_seen_the_radius_spans_continents() -> None:
    lat, lon, radius = astuple(model().locate(None, (), ()))
    assert -60 < lat < 75
    assert -180 <= lon < 180
    assert 8000 < radius <= 20100


def test_the_point_stays_inside_what_was_accepted() -> None:
    clues = observed(Case("München"))
    kenya = model().town_table.gazetteer.country_place("KE")
    lat, lon, radius = astuple(model().locate(kenya, clues, ()))
    assert -5 < lat < 6
    assert 33 < lon < 43
    assert math.isfinite(radius)


def test_a_trusted_position_in_the_wild_is_the_answer_to_the_metre() -> None:
    lat, lon, radius = astuple(model().locate(None, [exif_clue(-24.2, 133.4)], ()))
    assert (lat, lon) == pytest.approx((-24.2, 133.4), abs=1e-6)
    assert radius < 30


def test_the_date_line_and_the_poles_are_places_too() -> None:
    for claim in ((-16.8, -179.99), (-16.8, 179.99), (89.9, 0.0), (-89.9, 120.0)):
        lat, lon, radius = astuple(model().locate(None, [exif_clue(*claim)], ()))
        assert lat == pytest.approx(claim[0], abs=1e-6)
        assert -180 <= lon < 180
        assert math.isfinite(radius)


@pytest.mark.parametrize("value", ["nan", "inf", "91", "", "12,5"])
def test_an_unusable_position_is_no_claim(value: str) -> None:
    clue = exif_clue(1.0, 2.0).model_copy(
        update={"attributes": {"lat_deg": value, "lon_deg": "2.0"}}
    )
    assert model().weigh([clue], ()).posterior.likelihoods == ()


def reference(score: float, lat_deg: float, lon_deg: float, number: int = 0) -> Reference:
    return Reference(id=f"r{number}", score=score, lat_deg=lat_deg, lon_deg=lon_deg)


def usual_hits() -> list[Reference]:
    towns = np.linspace(0, len(model().town_table) - 1, 49).astype(int).tolist()
    gazetteer = model().town_table.gazetteer
    return [
        reference(
            0.60 + 0.001 * number,
            float(gazetteer.lat_deg[town]),
            float(gazetteer.lon_deg[town]),
            number,
        )
        for number, town in enumerate(towns)
    ]


def test_look_alikes_hardly_move_anything() -> None:
    posterior = model().weigh((), usual_hits()).posterior
    usual = posterior.country_prior > 0.002
    ratio = posterior.country_probability[usual] / posterior.country_prior[usual]
    moved = np.abs(np.log(ratio))
    assert moved.max() < 1.0
    assert np.median(moved) < 0.15


def test_the_same_place_once_more_decides() -> None:
    same = reference(0.97, 38.71, -9.14, 99)
    posterior = model().weigh((), [same, *usual_hits()]).posterior
    assert posterior.country_probability[model().town_table.number_of["PT"]] > 0.8
    lat, lon, _ = astuple(model().locate(None, (), [same, *usual_hits()]))
    assert (lat, lon) == pytest.approx((38.71, -9.14), abs=0.05)


def test_one_place_photographed_ten_times_counts_once() -> None:
    one = model().weigh((), [reference(0.8, 38.71, -9.14, 99), *usual_hits()]).posterior
    views = [reference(0.8, 38.71, -9.14, 100 + number) for number in range(5)]
    five = model().weigh((), [*views, *usual_hits()]).posterior
    portugal = model().town_table.number_of["PT"]
    assert five.country_probability[portugal] <= one.country_probability[portugal] + 0.05


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_tiny_index_is_not_trusted_blindly(count: int) -> None:
    hits = [reference(0.6, 38.7 + number, -9.1, number) for number in range(count)]
    posterior = model().weigh((), hits).posterior
    assert posterior.country_probability[model().town_table.number_of["PT"]] < 0.3


def test_cities_take_their_suburbs_and_never_overlap() -> None:
    cities = model().cities.of(model().town_table.number_of["PT"])
    assert (cities.city_of >= 0).all()
    assert sum(len(cities.towns_of(city)) for city in range(len(cities.centre))) == len(
        cities.city_of
    )
    gazetteer = model().town_table.gazetteer
    lisbon = model().region(gazetteer.place(int(gazetteer.matches("lisboa")[0]))).towns
    almada = int(gazetteer.matches("almada")[0])
    assert lisbon is not None
    assert almada in lisbon


def test_the_neighbours_are_those_of_brute_force() -> None:
    town_table = model().town_table
    for lat, lon, radius in ((48.1, 11.6, 60.0), (-16.8, -179.99, 300.0), (78.0, 16.0, 500.0)):
        towns, away = town_table.near(lat, lon, radius)
        everywhere = town_table.distances_km(lat, lon, slice(None))
        assert set(towns.tolist()) == set(np.flatnonzero(everywhere <= radius).tolist())
        assert np.allclose(away, everywhere[towns])
