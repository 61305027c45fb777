"""Tiles of a large photo: which are looked at."""

import pytest

from geoagent_graph.perception.text_tiles import (
    MAX_PIXELS_OF_TILES,
    MAX_TILE_PIXELS,
    MAX_TILES,
    MIN_GAIN,
    Region,
    merge_regions,
    plan_tiles,
)


def test_a_photo_that_was_hardly_reduced_is_not_looked_at_again() -> None:
    assert plan_tiles([Region(10, 10, 60, 20, 0.9)], 1120, 840, MIN_GAIN - 0.01) == []


def test_a_small_place_is_shown_as_large_as_the_photo_has_it() -> None:
    (tile,) = plan_tiles([Region(300, 200, 350, 208, 0.9)], 1120, 840, 3.6)
    assert tile.zoom == 3.6
    assert tile.region.left == 288
    assert tile.region.bottom == pytest.approx(218, abs=1)


def test_tiles_are_bounded_in_number_and_in_pixels() -> None:
    many = [
        Region(x, y, x + 90, y + 60, 0.5) for x in range(0, 2000, 120) for y in range(0, 900, 90)
    ]
    tiles = plan_tiles(many, 2000, 900, 4.0)
    pixels = [tile.pixels for tile in tiles]
    assert 0 < len(tiles) <= MAX_TILES
    assert max(pixels) <= MAX_TILE_PIXELS * 1.001
    assert sum(pixels) <= MAX_PIXELS_OF_TILES * 1.001


def test_clear_places_come_before_those_that_are_only_traces() -> None:
    traces = [Region(150 * x, 10, 150 * x + 120, 130, 0.2) for x in range(6)]
    clear = Region(500, 500, 560, 512, 0.9)
    tiles = plan_tiles([*traces, clear], 1120, 840, 3.6)
    assert tiles[0].region.weight == 0.9


def test_places_that_overlap_become_one() -> None:
    one, two, apart = Region(0, 0, 9, 9, 0.2), Region(5, 5, 20, 20, 0.8), Region(50, 0, 60, 9, 0.1)
    assert merge_regions([one, two, apart]) == [Region(0, 0, 20, 20, 0.8), apart]


def test_a_trace_of_half_a_line_is_looked_at_with_the_other_half() -> None:
    (tile,) = plan_tiles([Region(300, 200, 340, 220, 0.9)], 1120, 840, 3.6)
    assert tile.region.left <= 270
    assert tile.region.right >= 370


def test_tiles_may_be_given_fewer_pixels() -> None:
    (tile,) = plan_tiles([Region(300, 200, 360, 300, 0.2)], 1120, 840, 3.6, max_pixels=100_000)
    assert tile.pixels == pytest.approx(100_000)
