"""Polygons are cut to a frame, holes kept, and written as paths without specks."""

import numpy as np
import pytest

from geoagent_graph.render.maps.svg_path import Ring, cut, path_data, rings_of

FRAME = (0.0, 0.0, 10.0, 10.0)


def square(low: float, high: float) -> Ring:
    corners = [(low, low), (high, low), (high, high), (low, high), (low, low)]
    return np.array(corners, dtype=np.float64)


@pytest.mark.parametrize(
    ("low", "high", "area"), [(2, 4, 4.0), (-5, 5, 25.0), (-9, 99, 100.0), (20, 30, 0.0)]
)
def test_only_what_lies_inside_the_frame_is_kept(low: float, high: float, area: float) -> None:
    assert cut(square(low, high), FRAME).area == pytest.approx(area)


def test_a_ring_too_short_to_hold_anything_is_empty() -> None:
    assert cut(square(2, 4)[:3], FRAME).is_empty
    assert path_data(rings_of(cut(square(2, 4)[:3], FRAME))) == ""


def test_a_ring_that_crosses_itself_is_repaired() -> None:
    bow = np.array([(0, 0), (4, 4), (4, 0), (0, 4), (0, 0)], dtype=np.float64)
    area = cut(bow, FRAME)
    assert area.area == pytest.approx(8.0)
    assert len(rings_of(area)) == 2


def test_holes_are_rings_of_their_own_and_lines_are_none() -> None:
    import shapely

    holed = shapely.Polygon(square(0, 9), [square(3, 5)])
    mixed = shapely.GeometryCollection([holed, shapely.LineString([(0, 0), (1, 1)])])
    assert [len(ring) for ring in rings_of(mixed)] == [5, 5]


def test_a_path_is_closed_to_a_tenth_and_specks_are_left_out() -> None:
    assert path_data([square(0, 2.04)]) == "M0,0L2,0L2,2L0,2Z"
    assert path_data([square(1, 1.04)]) == ""
    assert path_data([]) == ""
