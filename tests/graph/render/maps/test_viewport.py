"""Directions and distances from the centre are true, at the poles and over the date line too."""

import math

import numpy as np
import pytest

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM
from geoagent_graph.render.maps.viewport import HEIGHT, WIDTH, Viewport, is_in_frame

DEGREE_KM = EARTH_RADIUS_KM * math.pi / 180


@pytest.mark.parametrize(
    ("centre", "point", "east_km", "north_km"),
    [
        ((41.0, -8.0), (42.0, -8.0), 0.0, DEGREE_KM),
        ((0.0, 179.5), (0.0, -179.5), DEGREE_KM, 0.0),
        ((0.0, -179.5), (0.0, 179.5), -DEGREE_KM, 0.0),
        ((90.0, 0.0), (89.0, 90.0), DEGREE_KM, 0.0),
        ((-90.0, 0.0), (-89.0, 0.0), 0.0, DEGREE_KM),
        ((10.0, 20.0), (10.0, 20.0), 0.0, 0.0),
    ],
)
def test_a_point_lies_in_its_direction_at_its_distance(
    centre: tuple[float, float], point: tuple[float, float], east_km: float, north_km: float
) -> None:
    lat_deg, lon_deg = point
    plane = Viewport(*centre, 500.0).plane_km(np.array([[lon_deg, lat_deg]]))
    assert plane[0].tolist() == pytest.approx([east_km, north_km], abs=1e-3)


def test_the_antipode_is_half_way_round_and_finite() -> None:
    plane = Viewport(41.0, -8.0, 500.0).plane_km(np.array([[172.0, -41.0 + 1e-6]]))
    assert np.hypot(*plane[0]) == pytest.approx(EARTH_RADIUS_KM * math.pi, rel=1e-6)


def test_the_centre_is_the_middle_and_north_is_up() -> None:
    view = Viewport(41.0, -8.0, 2 * DEGREE_KM)
    assert view.point(41.0, -8.0) == pytest.approx((WIDTH / 2, HEIGHT / 2))
    assert view.point(43.0, -8.0) == pytest.approx((WIDTH / 2, 0.0))
    assert view.point(41.0, -7.9)[0] > WIDTH / 2


def test_the_frame_grows_by_its_margin() -> None:
    view = Viewport(0.0, 0.0, 225.0)
    assert view.frame_km(0.0) == pytest.approx((-300.0, -225.0, 300.0, 225.0))
    assert view.frame_km(10.0) == pytest.approx((-310.0, -235.0, 310.0, 235.0))


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [(0, 0, True), (WIDTH, HEIGHT, True), (-0.1, 5, False), (5, HEIGHT + 1, False)],
)
def test_the_edge_belongs_to_the_picture(x: float, y: float, inside: bool) -> None:
    assert is_in_frame(x, y) is inside
