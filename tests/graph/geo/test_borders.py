"""The distance to the nearest foreign land and to the nearest coast."""

import numpy as np
import pytest

from geoagent_graph.geo.borders import BorderLines, point_owners
from geoagent_graph.geo.polygons import CountryPolygons
from geoagent_graph.geo.sphere import distance_km


def square_map(*squares: tuple[float, float, float, float]) -> BorderLines:
    """Return the outlines of countries that are one box each: west, south, east, north."""
    rings = [
        np.array([(w, s), (e, s), (e, n), (w, n), (w, s)], dtype=np.float64)
        for w, s, e, n in squares
    ]
    count = len(rings)
    return BorderLines(
        {
            "points": np.concatenate(rings),
            "ring_points": np.arange(0, 5 * count + 1, 5, dtype=np.int32),
            "polygon_rings": np.arange(count + 1, dtype=np.int32),
            "country_polygons": np.arange(count + 1, dtype=np.int32),
        }
    )


def test_the_border_is_the_nearest_foreign_land() -> None:
    lines = square_map((0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 2.0, 1.0))
    found = lines.nearest_foreign(0.5, 0.9, 0, 100.0)
    assert found is not None
    assert found.country_index == 1
    assert found.distance_km == pytest.approx(11.12, abs=0.01)
    assert lines.nearest_foreign(0.5, 0.9, 0, 11.0) is None
    assert lines.nearest_foreign(0.5, 1.1, 1, 100.0) is not None


def test_the_opposite_coast_is_found_across_the_date_line() -> None:
    lines = square_map((179.0, -1.0, 179.9, 1.0), (-179.9, -1.0, -179.0, 1.0))
    found = lines.nearest_foreign(0.0, 179.9, 0, 100.0)
    assert found is not None
    assert found.country_index == 1
    assert found.distance_km == pytest.approx(22.24, abs=0.02)


def test_the_nearest_coast_is_found_however_far() -> None:
    lines = square_map((0.0, 0.0, 1.0, 1.0), (50.0, 0.0, 51.0, 1.0))
    found = lines.nearest_land(0.0, 40.0)
    assert found is not None
    assert found.country_index == 1
    assert found.distance_km == pytest.approx(1111.95, abs=0.1)
    from_pole = lines.nearest_land(90.0, 0.0)
    assert from_pole is not None
    assert from_pole.distance_km == pytest.approx(9896, abs=1)


def test_a_border_along_a_parallel_is_straight_on_the_map() -> None:
    lines = square_map((-120.0, 40.0, -100.0, 49.0), (-120.0, 49.0, -100.0, 60.0))
    found = lines.nearest_foreign(48.9, -110.0, 0, 100.0)
    assert found is not None
    assert found.distance_km == pytest.approx(11.12, abs=0.05)


def test_no_vertex_of_another_country_is_nearer(polygons: CountryPolygons) -> None:
    points, owners = polygons._arrays["points"], point_owners(polygons._arrays)
    generator = np.random.default_rng(7)
    for lon, lat in points[generator.integers(0, len(points), 12)] + 0.02:
        own = int(polygons.lookup(np.array([lat]), np.array([lon])).country_index[0])
        found = polygons.lines.nearest_foreign(lat, lon, own, 200.0)
        foreign = points[owners != own]
        vertex_km = distance_km(lat, lon, foreign[:, 1], foreign[:, 0]).min()
        if found is None:
            assert vertex_km > 199.0
        else:
            assert found.distance_km <= vertex_km * 1.01
