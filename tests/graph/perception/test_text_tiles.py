"""Tiles of a large photo: how many pixels they show."""

import pytest

from geoagent_graph.perception.text_tiles import Region, Tile


def test_a_tile_has_the_pixels_of_its_region_as_it_is_looked_at() -> None:
    assert Tile(Region(10, 20, 60, 40), 2.0).pixels == pytest.approx(4000)
