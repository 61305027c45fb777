"""A drawn area: which points lie in it, its own point, and how it bounds a radius."""

import math

import numpy as np
import pytest

from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.search_area import (
    circle_around,
    in_areas,
    point_of_area,
    within_areas,
)
from geoagent_graph.protocols import PointEstimate
from geoagent_graph.search_areas import SearchCircle, SearchCountries, SearchOutline

KM_PER_DEGREE = math.pi * 6371.0088 / 180
FIJI = SearchCircle(lat_deg=0.0, lon_deg=179.9, radius_km=50.0)


def point(lon_deg: float) -> PointComponent:
    """Return a point on the equator."""
    return PointComponent(0.0, lon_deg, 0.5, np.array([0]), np.array([1.0]), 1.0)


@pytest.mark.parametrize(
    ("lon_deg", "inside"), [(-179.8, True), (179.5, True), (-179.6, False), (0.0, False)]
)
def test_a_circle_goes_over_the_antimeridian(lon_deg: float, inside: bool) -> None:
    assert in_areas(point(lon_deg), [FIJI]) is inside


def test_without_a_circle_nothing_changes() -> None:
    estimate = PointEstimate(1.0, 2.0, 5000.0)
    assert in_areas(point(0.0), [])
    assert within_areas(estimate, []) == estimate


def test_nine_tenths_of_the_area_lie_in_the_radius() -> None:
    estimate = point_of_area([FIJI])
    assert estimate is not None
    assert (estimate.lat_deg, estimate.lon_deg) == (0.0, 179.9)
    assert (estimate.radius_km / 50.0) ** 2 == pytest.approx(0.9)


def test_a_radius_ends_at_the_far_edge() -> None:
    estimate = within_areas(PointEstimate(0.0, -179.1, 5000.0), [FIJI])
    assert estimate.radius_km == pytest.approx(KM_PER_DEGREE + 50.0)
    assert within_areas(PointEstimate(0.0, 179.9, 20.0), [FIJI]).radius_km == 20.0
    world = SearchCircle(lat_deg=0.0, lon_deg=0.0, radius_km=20100.0)
    far = within_areas(PointEstimate(0.0, 90.0, 30000.0), [world])
    assert far.radius_km == pytest.approx(math.pi * 6371.0088)


def test_an_outline_has_points_a_middle_and_a_far_edge() -> None:
    square = [[0, -1], [4, -1], [4, 1], [0, 1], [0, -1]]
    hole = [[1, -0.5], [2, -0.5], [2, 0.5], [1, 0.5], [1, -0.5]]
    geojson = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square, hole]}}
    outline = SearchOutline.model_validate({"geojson": geojson})
    assert [in_areas(point(lon), [outline]) for lon in (-0.1, 0.5, 1.5, 3.0)] == [
        False, True, False, True,
    ]  # fmt: skip
    around = circle_around(outline)
    assert around is not None
    assert (around.lat_deg, around.lon_deg) == (0.0, 2.0)
    far = within_areas(PointEstimate(0.0, 2.0, 5000.0), [outline, FIJI])
    assert far.radius_km == pytest.approx(around.radius_km)


def test_countries_have_no_middle_of_their_own() -> None:
    portugal = SearchCountries(countries=("PT",))
    assert point_of_area([portugal]) is None
    assert in_areas(point(0.0), [portugal])
