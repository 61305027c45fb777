"""The shapes of the world that maps are drawn from."""

import numpy as np
import pytest
import shapely

from geoagent_graph.render.maps.world_shapes import Resolution, flat_rings, world_shapes


def holds(name: str, lon_deg: float, lat_deg: float, resolution: Resolution = "110m") -> bool:
    rings = [r for land in world_shapes(resolution) if land.name == name for r in land.rings]
    flat = [part for ring in rings for part in flat_rings(ring)]
    hits = sum(shapely.Polygon(ring).contains(shapely.Point(lon_deg, lat_deg)) for ring in flat)
    return hits % 2 == 1


@pytest.mark.parametrize("resolution", ["110m", "50m"])
def test_countries_lie_where_they_are(resolution: Resolution) -> None:
    assert holds("Portugal", -8.0, 39.5, resolution)
    assert not holds("Portugal", -4.0, 40.0, resolution)
    assert not holds("South Africa", 28.2, -29.5, resolution)  # Lesotho is a hole in it


@pytest.mark.parametrize("resolution", ["110m", "50m"])
def test_no_country_is_smeared_across_the_date_line(resolution: Resolution) -> None:
    assert not holds("Russia", 0.0, 67.0, resolution)
    assert holds("Russia", 179.0, 67.5, resolution)
    assert holds("Russia", -175.0, 66.5, resolution)
    assert not holds("Fiji", 0.0, -16.6, resolution)


def test_antarctica_reaches_the_pole_everywhere() -> None:
    assert all(holds("Antarctica", lon, -89.5) for lon in (-179.0, -90.0, 0.0, 90.0, 179.0))


def test_rings_are_closed_and_finite() -> None:
    for land in world_shapes("50m"):
        for ring in land.rings:
            assert np.isfinite(ring).all()
            assert np.allclose(ring[0], ring[-1])
