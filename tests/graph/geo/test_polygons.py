"""The grid says what the polygons say; maps are decoded and cut as they should be."""

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.geo.border_grid import CELLS_PER_DEGREE, COAST_KM
from geoagent_graph.geo.polygons import CountryPolygons
from geoagent_graph.geo.polygons_compile import _country_by_polygon
from geoagent_graph.geo.sphere import coordinates

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def near_grid_lines(generator: np.random.Generator, count: int) -> Points:
    """Points on grid lines and corners, where a cell of the grid could be the wrong one."""
    lat = generator.integers(-90 * CELLS_PER_DEGREE, 90 * CELLS_PER_DEGREE, count)
    lon = generator.integers(-180 * CELLS_PER_DEGREE, 180 * CELLS_PER_DEGREE, count)
    off = generator.choice([0.0, 1e-9, -1e-9, 0.01], (2, count))
    return (
        np.clip(lat / CELLS_PER_DEGREE + off[0], -90, 90),
        np.clip(lon / CELLS_PER_DEGREE + off[1], -180, np.nextafter(180, 0)),
    )


def near_borders(polygons: CountryPolygons, generator: np.random.Generator, count: int) -> Points:
    """Points a few hundred metres from borders and coasts."""
    points = polygons._arrays["points"]
    chosen = points[generator.integers(0, len(points), count)]
    chosen = chosen + generator.normal(size=(count, 2)) * 0.01
    return np.clip(chosen[:, 1], -90, 90), np.clip(chosen[:, 0], -180, np.nextafter(180, 0))


@pytest.mark.parametrize("kind", ["globe", "grid", "border"])
def test_the_grid_agrees_with_the_polygons(polygons: CountryPolygons, kind: str) -> None:
    generator = np.random.default_rng(3)
    if kind == "globe":
        lat, lon = coordinates(generator.normal(size=(60_000, 3)))
    elif kind == "grid":
        lat, lon = near_grid_lines(generator, 60_000)
    else:
        lat, lon = near_borders(polygons, generator, 60_000)
    direct = _country_by_polygon(polygons._arrays, lat, lon)
    by_grid = polygons.lookup(lat, lon).country_index
    # polygons that overlap by a hair (quantised borders) may answer in either order
    different = direct != by_grid
    assert different.mean() < 1e-4
    if kind == "globe":
        assert not different.any()


def test_coasts_are_named_up_to_the_stated_distance(polygons: CountryPolygons) -> None:
    lat, lon = np.array([41.0, 39.5, 0.0, 48.85]), np.array([1.6, 6.0, -30.0, 2.35])
    found = polygons.lookup(lat, lon)
    assert found.coast_index[0] >= 0
    assert 5 < found.coast_km[0] <= COAST_KM
    assert found.coast_index.tolist()[1:] == [-1, -1, -1]  # open sea twice, land
    assert found.country_index[3] >= 0


def test_corners_of_the_map_have_cells(polygons: CountryPolygons) -> None:
    lat = np.array([90.0, -90.0, 90.0, -90.0, 0.0])
    lon = np.array([-180.0, -180.0, np.nextafter(180, 0), np.nextafter(180, 0), 179.9999])
    assert len(polygons.lookup(lat, lon).country_index) == 5
    assert len(polygons.lookup(np.empty(0), np.empty(0)).country_index) == 0
