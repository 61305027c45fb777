"""The travel factor: what it keeps, what it forbids."""

import numpy as np
import pytest

from geoagent_graph.evidence.trip.state_space import trip_places
from geoagent_graph.evidence.trip.travel_prior import (
    balance_kernel,
    hours_between,
    imbalance,
    travel_factor,
)
from geoagent_graph.trip_types import (
    parse_time_taken,
)
from tests.support.evidence_cases import Case, model, observed


def test_travel_keeps_the_prior_and_respects_the_reach() -> None:
    posterior = model().weigh(observed(Case("Lisboa")), ()).posterior.probability
    places = trip_places(model().town_table, model().prior, [posterior])
    assert places.prior.sum() == pytest.approx(1.0)
    assert len(places.prior) < 3000
    for hours in (0.0, 0.5, 6.0, 100.0, None):
        factor = travel_factor(places, None if hours is None else np.asarray(hours))
        np.testing.assert_allclose(factor @ places.prior, 1.0, rtol=5e-6)
        np.testing.assert_allclose(factor.T @ places.prior, 1.0, rtol=5e-6)
    towns = [int(model().town_table.gazetteer.matches(name)[0]) for name in ("lisboa", "tokyo")]
    lisbon, tokyo = (int(places.place_of[town]) for town in towns)
    assert travel_factor(places, np.asarray(1.0))[lisbon, tokyo] == 0.0
    assert travel_factor(places, np.asarray(14.0))[lisbon, tokyo] > 0.0


def test_balanced_rows_and_columns() -> None:
    kernel = np.exp(-np.abs(np.subtract.outer(np.arange(30), np.arange(30)) / 3.0))
    prior = np.arange(1, 31) / np.arange(1, 31).sum()
    scaled = balance_kernel(kernel, prior)
    assert imbalance(scaled, prior) <= 1e-6


def test_what_is_not_balanced_says_how_far_it_is_off() -> None:
    assert imbalance(np.ones((4, 4)), np.full(4, 0.25)) == 0.0
    assert imbalance(np.triu(np.ones((4, 4))), np.full(4, 0.25)) == pytest.approx(0.75)


@pytest.mark.parametrize("later", ["2024-05-01T10:00", "2024-05-01T10:45", "2024-05-04T09:00"])
@pytest.mark.parametrize("town", ["Braga", "Irkutsk", "Suva"])
def test_clocks_without_an_offset_are_balanced_too(later: str, town: str) -> None:
    posterior = model().weigh(observed(Case(town)), ()).posterior.probability
    places = trip_places(model().town_table, model().prior, [posterior])
    clocks = parse_time_taken("2024-05-01T10:00"), parse_time_taken(later)
    hours = hours_between(*clocks, places)
    np.testing.assert_allclose(hours, hours.T)
    assert imbalance(travel_factor(places, hours).astype(np.float64), places.prior) <= 5e-6


def test_a_clock_without_an_offset_forbids_less() -> None:
    posterior = model().weigh(observed(Case("Lisboa")), ()).posterior.probability
    places = trip_places(model().town_table, model().prior, [posterior])
    ten, eleven = "2024-05-01T10:00", "2024-05-01T11:00"
    exact_ten, exact_eleven = (parse_time_taken(f"{text}:00+01:00") for text in (ten, eleven))
    assert hours_between(exact_ten, exact_eleven, places) == 1.0
    hours = hours_between(parse_time_taken(ten), parse_time_taken(eleven), places)
    assert (hours >= 1.0).all()
    assert hours.max() <= 1 + 12 + 1
    assert (hours == hours.T).all()
    lisbon = int(places.place_of[int(model().town_table.gazetteer.matches("lisboa")[0])])
    assert hours[lisbon, lisbon] == 1.0
