"""The vendored maps and the parts of TopoJSON that they use."""

import numpy as np
import pytest
import shapely

from geoagent_graph.geo.topojson import (
    Scale,
    _cut_at_date_line,
    _decode_arcs,
    _join_arcs,
    read_countries,
)


@pytest.mark.parametrize("scale", ["10m", "50m", "110m"])
def test_vendored_maps_are_whole(scale: Scale) -> None:
    features = read_countries(scale)
    assert len(features) > 170
    area = 0.0
    for feature in features:
        for shell, *holes in feature.polygons:
            assert np.abs(shell[:, 0]).max() <= 180 + 1e-9
            assert np.abs(shell[:, 1]).max() <= 90 + 1e-9
            assert np.abs(np.diff(shell[:, 0])).max() <= 180 or feature.name == "Antarctica"
            lat_sine = np.column_stack([shell[:, 0], np.degrees(np.sin(np.radians(shell[:, 1])))])
            area += shapely.Polygon(lat_sine).area
            assert all(len(hole) >= 4 for hole in holes)
    # land is 29.2 % of the globe: 360 x 360 / pi in this equal-area projection
    assert area / (360 * 360 / np.pi) == pytest.approx(0.29, abs=0.01)


def test_arcs_are_decoded_and_joined() -> None:
    topology = {
        "transform": {"scale": [0.5, 0.25], "translate": [-10, 20]},
        "arcs": [[[0, 0], [4, 0], [0, 4]], [[0, 0], [0, 4], [4, 0]]],
    }
    arcs = _decode_arcs(topology)
    assert arcs[0].tolist() == [[-10, 20], [-8, 20], [-8, 21]]
    joined = _join_arcs([0, ~1], arcs)
    assert joined.tolist() == [
        [-10, 20],
        [-8, 20],
        [-8, 21],
        [-10, 21],
        [-10, 20],
    ]


def test_a_ring_across_the_date_line_becomes_two() -> None:
    ring = np.array([[170.0, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]])
    hole = np.array([[-178.0, 2], [-176, 2], [-176, 4], [-178, 4], [-178, 2]])
    pieces = [shapely.Polygon(shell, holes) for shell, *holes in _cut_at_date_line([ring, hole])]
    assert sorted(piece.bounds for piece in pieces) == [(-180, 0, -170, 10), (170, 0, 180, 10)]
    assert sum(piece.area for piece in pieces) == pytest.approx(200 - 4)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_ring_around_a_pole_is_closed_over_it(sign: int) -> None:
    lon = np.append(np.arange(-180.0, 180.0, 10), -180.0)[::sign]
    ring = np.column_stack([lon, np.full(len(lon), -70.0)])
    ring[3:6, 1] = -75.0
    (piece,) = [shapely.Polygon(shell, holes) for shell, *holes in _cut_at_date_line([ring])]
    assert piece.bounds == pytest.approx((-180, -90, 180, -70))
    assert piece.covers(shapely.Point(0, -89.9))
    assert not piece.covers(shapely.Point(lon[4], -72))
