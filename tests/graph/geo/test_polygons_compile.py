"""The grid under the polygons: which cells an edge runs through."""

import itertools

import numpy as np
import pytest

from geoagent_graph.geo.border_grid import CELLS_PER_DEGREE
from geoagent_graph.geo.borders import border_edges, point_owners
from geoagent_graph.geo.polygons_compile import (
    _border_cells,
    _country_sets,
    _grid_crossings,
)

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
FAR = SQUARE + 10.0
COLUMNS = 360 * CELLS_PER_DEGREE


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    """Return two countries of one square each."""
    return {
        "points": np.concatenate([SQUARE, FAR]),
        "ring_points": np.array([0, 5, 10], dtype=np.int32),
        "polygon_rings": np.array([0, 1, 2], dtype=np.int32),
        "country_polygons": np.array([0, 1, 2], dtype=np.int32),
    }


def test_points_and_edges_belong_to_their_country(arrays: dict[str, np.ndarray]) -> None:
    assert point_owners(arrays).tolist() == [0] * 5 + [1] * 5
    start, end, owners = border_edges(arrays)
    assert owners.tolist() == [0] * 4 + [1] * 4
    assert np.abs(end - start).max() == 1.0  # no edge leads from one ring to the next


def test_an_edge_is_cut_at_every_grid_line_between_its_ends() -> None:
    edge, share = _grid_crossings(np.array([0.5, 2.0, 3.5]), np.array([2.5, 2.0, 1.5]))
    assert edge.tolist() == [0, 0, 2, 2]
    assert share.tolist() == [0.25, 0.75, 0.75, 0.25]


def test_cells_are_those_along_the_border_and_none_inside(arrays: dict[str, np.ndarray]) -> None:
    cells, owners = _border_cells(arrays)
    row, column = np.divmod(cells[owners == 0], COLUMNS)
    row, column = row - 90 * CELLS_PER_DEGREE, column - 180 * CELLS_PER_DEGREE
    assert set(zip(row.tolist(), column.tolist(), strict=True)) == {
        (y, x)
        for y in range(-1, CELLS_PER_DEGREE + 1)
        for x in range(-1, CELLS_PER_DEGREE + 1)
        if {x, y} & {-1, 0, CELLS_PER_DEGREE - 1, CELLS_PER_DEGREE}
    }


def test_cells_with_the_same_countries_share_a_set() -> None:
    cells = np.array([5, 5, 7, 9, 9])
    owners = np.array([1, 2, 1, 1, 2], dtype=np.int16)
    codes, members, starts = _country_sets(cells, owners)
    assert codes.tolist() == [0, 1, 0]
    assert [members[a:b].tolist() for a, b in itertools.pairwise(starts)] == [
        [1, 2],
        [1],
    ]
