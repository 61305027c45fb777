"""A point that may be true weighs the towns around it by their distance beyond the nearest."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.point_component import (
    MAX_EXACT_KM,
    PointComponent,
    claimed_point,
    point_component,
)
from geoagent_graph.geo.sphere import distance_km
from tests.support.small_gazetteer import (
    LABASA,
    LISBON,
    SINTRA,
    WAIYEVO,
    small_town_table,
)

PRIOR = np.array([0.2, 0.1, 0.2, 0.05, 0.05, 0.2, 0.1, 0.1])


def test_the_ratios_average_one_over_the_prior() -> None:
    point = point_component(small_town_table(), PRIOR, 38.72, -9.14, 0.9, 10.0)
    assert point.towns.tolist() == [LISBON, SINTRA]
    assert float(PRIOR[point.towns] @ point.ratio) == pytest.approx(1.0)
    assert point.nearest == LISBON
    to_lisbon = float(distance_km(38.72, -9.14, 38.717, -9.133))
    to_sintra = float(distance_km(38.72, -9.14, 38.8, -9.39))
    expected = math.exp(-(to_sintra - to_lisbon) / 10.0)
    assert point.ratio[1] / point.ratio[0] == pytest.approx(expected, rel=1e-3)


def test_a_claimed_point_is_its_towns_however_few_people_live_there() -> None:
    towns, shares = np.array([LISBON, SINTRA]), np.array([0.25, 0.75])
    point = claimed_point(PRIOR, 38.8, -9.4, 0.98, towns, shares, 0.05)
    assert PRIOR[towns] * point.ratio == pytest.approx(shares)
    assert (point.is_exact, point.radius_km) == (True, 0.05)
    inside = np.zeros(len(PRIOR), dtype=bool)
    assert not point.may_lie_in(inside)
    inside[LISBON] = True  # not the nearest, but one of its own
    assert point.may_lie_in(inside)


def test_neighbours_of_a_point_without_an_error_are_not_its_own() -> None:
    point = point_component(small_town_table(), PRIOR, 38.72, -9.14, 0.9, 10.0)
    inside = np.zeros(len(PRIOR), dtype=bool)
    inside[SINTRA] = True
    assert not point.may_lie_in(inside)


def test_a_point_at_the_antimeridian_sees_both_sides() -> None:
    point = point_component(small_town_table(), PRIOR, -16.6, 179.9, 0.5, 25.0)
    assert point.towns.tolist() == [LABASA, WAIYEVO]


def test_a_point_far_from_everything_gets_its_nearest_towns() -> None:
    point = point_component(small_town_table(), PRIOR, 30.0, -40.0, 0.5, 1.0)
    assert point.nearest == SINTRA  # the westernmost
    assert np.isfinite(point.ratio).all()


@pytest.mark.parametrize(("scale_km", "exact"), [(MAX_EXACT_KM, True), (25.1, False)])
def test_a_wide_point_stands_for_its_surroundings(scale_km: float, exact: bool) -> None:
    point = PointComponent(0, 0, 0.5, np.array([1]), np.array([1.0]), scale_km)
    assert point.is_exact is exact
