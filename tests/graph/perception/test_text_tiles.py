"""Tiles of a large photo: which are looked at, and how their boxes join those of the first look."""

import numpy as np
import pytest

from geoagent_graph.perception.text_tiles import (
    MAX_PIXELS_OF_TILES,
    MAX_TILE_PIXELS,
    MAX_TILES,
    MIN_GAIN,
    Region,
    join_boxes,
    merge_regions,
    plan_tiles,
    shared_share,
)

WHOLE = Region(0, 0, 500, 400, 1.0)


def box(left: float, top: float, width: float, height: float) -> np.ndarray:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def boxes(*found: np.ndarray) -> np.ndarray:
    return np.array(found, np.float32).reshape(-1, 4, 2)


def test_a_photo_that_was_hardly_reduced_is_not_looked_at_again() -> None:
    assert plan_tiles([Region(10, 10, 60, 20, 0.9)], 1120, 840, MIN_GAIN - 0.01) == []


def test_a_small_place_is_shown_as_large_as_the_photo_has_it() -> None:
    (tile,) = plan_tiles([Region(300, 200, 350, 208, 0.9)], 1120, 840, 3.6)
    assert tile.zoom == 3.6
    assert tile.region.left == 290
    assert tile.region.bottom == pytest.approx(218, abs=1)


def test_tiles_are_bounded_in_number_and_in_pixels() -> None:
    many = [
        Region(x, y, x + 90, y + 60, 0.5) for x in range(0, 2000, 120) for y in range(0, 900, 90)
    ]
    tiles = plan_tiles(many, 2000, 900, 4.0)
    pixels = [tile.region.area * tile.zoom**2 for tile in tiles]
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


def test_a_line_that_the_tile_holds_whole_is_taken_from_the_tile() -> None:
    joined = join_boxes(boxes(box(100, 100, 80, 12)), boxes(box(102, 101, 77, 9)), WHOLE)
    assert np.array_equal(joined, boxes(box(102, 101, 77, 9)))


def test_a_line_that_the_edge_of_a_tile_cuts_is_taken_from_the_first_look() -> None:
    first = boxes(box(400, 100, 200, 12))
    joined = join_boxes(first, boxes(box(401, 101, 98, 10)), WHOLE)
    assert np.array_equal(joined, first)


def test_lines_that_the_first_look_took_for_one_are_several() -> None:
    found = boxes(*(box(100, 100 + 20 * row, 90, 14) for row in range(4)))
    joined = join_boxes(boxes(box(98, 98, 95, 80)), found, WHOLE)
    assert np.array_equal(joined, found)


def test_a_small_line_inside_a_large_shape_is_kept_beside_it() -> None:
    shape, line = box(100, 100, 200, 150), box(150, 200, 60, 12)
    assert len(join_boxes(boxes(shape), boxes(line), WHOLE)) == 2


def test_a_piece_of_a_large_letter_is_no_line() -> None:
    letter = box(100, 100, 300, 60)
    joined = join_boxes(boxes(letter), boxes(box(110, 105, 40, 50)), WHOLE)
    assert np.array_equal(joined, boxes(letter))


def test_the_shared_share_is_that_of_the_smaller_box() -> None:
    assert shared_share(box(0, 0, 100, 10), box(50, 0, 100, 10)) == pytest.approx(0.5)
    assert shared_share(box(0, 0, 100, 10), box(0, 50, 10, 10)) == 0.0
    assert shared_share(box(0, 0, 0, 0), box(0, 0, 10, 10)) == 0.0
