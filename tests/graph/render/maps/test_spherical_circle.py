"""Circles on the globe, over the date line and the poles too."""

import math

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM
from geoagent_graph.render.maps.spherical_circle import circle_polygons

FloatArray = NDArray[np.float64]
CIRCLES = [
    (41.0, -8.0, 25.0),
    (-17.0, 179.9, 500.0),  # across the date line
    (45.0, -180.0, 3000.0),  # centred on it
    (89.0, 20.0, 300.0),  # around the North Pole
    (-85.0, -179.0, 2000.0),  # around the South Pole and across the date line
    (-90.0, 0.0, 1000.0),
    (0.0, 100.0, 12_000.0),  # both poles: more than half of the globe
    (50.0, 10.0, 15_000.0),
    (-50.0, -170.0, 15_000.0),  # what is left out lies in the middle of the map
    (60.0, 179.0, 3335.85),  # touches the North Pole
    (10.0, 20.0, 8895.0),  # just short of it
]


def distances_km(lat_deg: float, lon_deg: float, lats: FloatArray, lons: FloatArray) -> FloatArray:
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    lats, lons = np.radians(lats), np.radians(lons)
    half = (
        np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin((lons - lon) / 2) ** 2
    )
    km: FloatArray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
    return km


def areas(lat_deg: float, lon_deg: float, radius_km: float) -> list[shapely.Polygon]:
    polygons = circle_polygons(lat_deg, lon_deg, radius_km)
    return [shapely.Polygon(outer, holes) for outer, *holes in polygons]


@pytest.mark.parametrize(("lat_deg", "lon_deg", "radius_km"), CIRCLES)
def test_the_polygons_hold_what_lies_within_the_radius(
    lat_deg: float, lon_deg: float, radius_km: float
) -> None:
    random = np.random.default_rng(7)
    lats = np.degrees(np.arcsin(random.uniform(-1, 1, 20_000)))
    lons = random.uniform(-180, 180, 20_000)
    area = shapely.union_all(areas(lat_deg, lon_deg, radius_km))
    true_km = distances_km(lat_deg, lon_deg, lats, lons)
    wrong = shapely.contains_xy(area, lons, lats) != (true_km <= radius_km)
    # Only points on the edge may differ: the circle is drawn with straight lines.
    assert np.all(np.abs(true_km[wrong] - radius_km) < 0.01 * radius_km)


@pytest.mark.parametrize(("lat_deg", "lon_deg", "radius_km"), CIRCLES)
def test_rings_are_closed_counterclockwise_and_on_the_map(
    lat_deg: float, lon_deg: float, radius_km: float
) -> None:
    polygons = areas(lat_deg, lon_deg, radius_km)
    assert polygons
    assert shapely.MultiPolygon(polygons).is_valid
    for polygon in polygons:
        assert polygon.exterior.is_ccw
        assert not any(hole.is_ccw for hole in polygon.interiors)
        west, south, east, north = polygon.bounds
        assert -180.0 <= west < east <= 180.0
        assert -90.0 <= south < north <= 90.0


def test_a_circle_across_the_date_line_is_cut_there() -> None:
    polygons = circle_polygons(-17.0, 179.9, 500.0)
    assert sorted(outer[:, 0].max() > 0 for (outer,) in polygons) == [False, True]


def test_no_radius_is_no_area_and_half_the_circumference_the_whole_globe() -> None:
    assert circle_polygons(10.0, 10.0, 0.0) == []
    ((whole,),) = circle_polygons(10.0, 10.0, math.pi * EARTH_RADIUS_KM + 50)
    assert shapely.Polygon(whole).area == 360 * 180
