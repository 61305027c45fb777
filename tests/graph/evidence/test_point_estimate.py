"""The best point of weighted points and its radius, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.point_estimate import WeightedPoints, best_point, points_with_masses
from geoagent_graph.geo.sphere import unit_vectors
from tests.support.small_gazetteer import BERLIN, LISBON, MADRID, small_town_table


def weighted(
    coordinates: list[tuple[float, float]],
    mass: list[float],
    settled: list[bool] | None = None,
    continent: list[int] | None = None,
) -> WeightedPoints:
    """Return points without scatter."""
    return WeightedPoints(
        vectors=unit_vectors(*np.array(coordinates).T),
        mass=np.array(mass),
        scatter_km=np.zeros(len(mass)),
        settled=np.array(settled or [True] * len(mass)),
        continent=np.array(continent or [0] * len(mass)),
    )


def test_a_point_that_stands_out_is_the_answer() -> None:
    found = best_point(weighted([(10.0, 20.0), (-40.0, 100.0)], [0.95, 0.05]))
    assert (found.lat_deg, found.lon_deg) == pytest.approx((10.0, 20.0))
    assert found.radius_km == pytest.approx(0.0, abs=1e-3)


def test_the_radius_reaches_the_mass_that_is_missing() -> None:
    # a degree of latitude is 111.195 km, and photos are taken 1.2 times as far off as towns lie
    found = best_point(weighted([(10.0, 20.0), (11.0, 20.0)], [0.85, 0.15]), only_settled=True)
    assert found.radius_km == pytest.approx(1.2 * 111.195, rel=1e-4)


def test_the_radius_reaches_every_likely_continent_but_no_unlikely_one() -> None:
    at = [(0.0, 0.0), (0.0, 90.0), (0.0, 120.0)]
    far = best_point(weighted(at, [0.94, 0.04, 0.02], None, [0, 1, 2]), only_settled=True)
    # a quarter of the circumference, and no more than 200 km beyond
    assert far.radius_km == pytest.approx(10_007.5 + 200.0, rel=1e-3)
    near = best_point(weighted(at, [0.96, 0.02, 0.02], None, [0, 1, 2]), only_settled=True)
    assert near.radius_km == pytest.approx(0.0, abs=1e-3)


def test_points_around_the_antimeridian_have_a_valid_middle() -> None:
    found = best_point(
        weighted([(0.0, 179.9), (0.0, -179.9), (0.1, 180.0), (-0.1, 180.0)], [0.25] * 4)
    )
    assert found.lon_deg == pytest.approx(-180.0)
    assert -180.0 <= found.lon_deg < 180.0


def test_opposite_points_have_no_middle() -> None:
    found = best_point(weighted([(0.0, 0.0), (0.0, 90.0), (0.0, -180.0), (0.0, -90.0)], [0.25] * 4))
    assert min(abs(found.lon_deg - lon) for lon in (0.0, 90.0, -180.0, -90.0)) < 1e-6


def test_only_settled_points_are_taken_where_something_was_ruled_out() -> None:
    points = weighted([(10.0, 20.0), (40.0, 60.0)], [0.9, 0.1], [False, True])
    assert best_point(points).lat_deg == pytest.approx(10.0)
    assert best_point(points, only_settled=True).lat_deg == pytest.approx(40.0)


def test_a_claimed_point_takes_its_share_from_the_towns_around_it() -> None:
    towns = np.array([BERLIN, MADRID, LISBON])
    point = PointComponent(38.7, -9.1, 0.9, np.array([LISBON]), np.array([1.0]), 5.0)
    masses = points_with_masses(
        small_town_table(), towns, np.array([0.2, 0.3, 0.5]), [(point, 0.4)]
    )
    assert masses.mass == pytest.approx([0.3, 0.2, 0.1, 0.4])  # Madrid, Berlin, Lisbon, the point
    assert masses.settled.all()
    assert masses.scatter_km[-1] == 3.0
    own = replace(point, radius_km=0.05)
    masses = points_with_masses(small_town_table(), towns, np.array([0.2, 0.3, 0.5]), [(own, 0.4)])
    assert masses.scatter_km[-1] == 0.05
    assert masses.vectors[-1] == pytest.approx(unit_vectors(38.7, -9.1))
