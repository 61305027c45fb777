"""A country's polygons come whole out of the flat arrays; the grid's measures fit together."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geoagent_graph.geo.border_grid import (
    BLOCK_COLUMNS,
    BLOCK_ROWS,
    CELLS_PER_BLOCK,
    CELLS_PER_DEGREE,
    country_geometry,
)

SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
HOLE = [(1, 1), (1, 2), (2, 2), (2, 1), (1, 1)]
FAR_SQUARE = [(170, 10), (172, 10), (172, 12), (170, 12), (170, 10)]
ISLAND = [(-60, -5), (-59, -5), (-59, -4), (-60, -5)]


def arrays() -> dict[str, NDArray[Any]]:
    """Return two countries: one square, then a square with a hole and an island."""
    rings = [FAR_SQUARE, SQUARE, HOLE, ISLAND]
    return {
        "country_polygons": np.array([0, 1, 3]),
        "polygon_rings": np.array([0, 1, 3, 4]),
        "ring_points": np.array([0, 5, 10, 15, 19]),
        "points": np.array([point for ring in rings for point in ring], dtype=np.float64),
    }


def test_each_country_gets_its_own_polygons() -> None:
    first, second = country_geometry(arrays(), 0), country_geometry(arrays(), 1)
    assert first.bounds == (170, 10, 172, 12)
    assert first.area == 4
    assert second.bounds == (-60, -5, 4, 4)
    assert [polygon.area for polygon in second.geoms] == [16 - 1, 0.5]


def test_a_hole_belongs_to_nobody() -> None:
    country = country_geometry(arrays(), 1)
    assert not country.covers(shapely.Point(1.5, 1.5))
    assert country.covers(shapely.Point(3, 3))


def test_the_blocks_cover_the_globe() -> None:
    degrees = CELLS_PER_BLOCK / CELLS_PER_DEGREE
    assert (BLOCK_ROWS * degrees, BLOCK_COLUMNS * degrees) == (180, 360)
