"""The grid says what the polygons say; maps are decoded and cut as they should be."""

import numpy as np
import pytest
import shapely

from geoagent_graph.geo.border_grid import CELLS_PER_DEGREE, COAST_KM
from geoagent_graph.geo.polygons import open_polygons
from geoagent_graph.geo.polygons_compile import _country_by_polygon
from geoagent_graph.geo.sphere import coordinates
from geoagent_graph.geo.territories import polygons_by_country
from geoagent_graph.geo.topojson import _cut_at_date_line, _decode_arcs, _join_arcs, read_countries
from geoagent_graph.settings import Settings


@pytest.fixture(scope="session")
def polygons(tmp_path_factory):
    return open_polygons(Settings(cache_dir=tmp_path_factory.getbasetemp() / "place-tables"))


def near_grid_lines(generator, count):
    """Points on grid lines and corners, where a cell of the grid could be the wrong one."""
    lat = generator.integers(-90 * CELLS_PER_DEGREE, 90 * CELLS_PER_DEGREE, count)
    lon = generator.integers(-180 * CELLS_PER_DEGREE, 180 * CELLS_PER_DEGREE, count)
    off = generator.choice([0.0, 1e-9, -1e-9, 0.01], (2, count))
    return (
        np.clip(lat / CELLS_PER_DEGREE + off[0], -90, 90),
        np.clip(lon / CELLS_PER_DEGREE + off[1], -180, np.nextafter(180, 0)),
    )


def near_borders(polygons, generator, count):
    """Points a few hundred metres from borders and coasts."""
    points = polygons._arrays["points"]
    chosen = points[generator.integers(0, len(points), count)]
    chosen = chosen + generator.normal(size=(count, 2)) * 0.01
    return np.clip(chosen[:, 1], -90, 90), np.clip(chosen[:, 0], -180, np.nextafter(180, 0))


@pytest.mark.parametrize("kind", ["globe", "grid", "border"])
def test_the_grid_agrees_with_the_polygons(polygons, kind):
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


def test_coasts_are_named_up_to_the_stated_distance(polygons):
    lat, lon = np.array([41.0, 39.5, 0.0, 48.85]), np.array([1.6, 6.0, -30.0, 2.35])
    found = polygons.lookup(lat, lon)
    assert found.coast_index[0] >= 0
    assert 5 < found.coast_km[0] <= COAST_KM
    assert found.coast_index.tolist()[1:] == [-1, -1, -1]  # open sea twice, land
    assert found.country_index[3] >= 0


def test_corners_of_the_map_have_cells(polygons):
    lat = np.array([90.0, -90.0, 90.0, -90.0, 0.0])
    lon = np.array([-180.0, -180.0, np.nextafter(180, 0), np.nextafter(180, 0), 179.9999])
    assert len(polygons.lookup(lat, lon).country_index) == 5
    assert len(polygons.lookup(np.empty(0), np.empty(0)).country_index) == 0


@pytest.mark.parametrize("scale", ["10m", "50m", "110m"])
def test_vendored_maps_are_whole(scale):
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


def test_every_country_has_a_polygon():
    from geoagent_graph.geo.countries import country_codes

    assert set(polygons_by_country(read_countries("10m"))) == set(country_codes())


def test_arcs_are_decoded_and_joined():
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


def test_a_ring_across_the_date_line_becomes_two():
    ring = np.array([[170.0, 0], [-170, 0], [-170, 10], [170, 10], [170, 0]])
    hole = np.array([[-178.0, 2], [-176, 2], [-176, 4], [-178, 4], [-178, 2]])
    pieces = [shapely.Polygon(shell, holes) for shell, *holes in _cut_at_date_line([ring, hole])]
    assert sorted(piece.bounds for piece in pieces) == [(-180, 0, -170, 10), (170, 0, 180, 10)]
    assert sum(piece.area for piece in pieces) == pytest.approx(200 - 4)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_ring_around_a_pole_is_closed_over_it(sign):
    lon = np.append(np.arange(-180.0, 180.0, 10), -180.0)[::sign]
    ring = np.column_stack([lon, np.full(len(lon), -70.0)])
    ring[3:6, 1] = -75.0
    (piece,) = [shapely.Polygon(shell, holes) for shell, *holes in _cut_at_date_line([ring])]
    assert piece.bounds == pytest.approx((-180, -90, 180, -70))
    assert piece.covers(shapely.Point(0, -89.9))
    assert not piece.covers(shapely.Point(lon[4], -72))
