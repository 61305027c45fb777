"""How the lines of tiles join those of the first look."""

import numpy as np
import pytest

from geoagent_graph.perception.box_joining import (
    Box,
    Lines,
    ScoredBox,
    join_halves,
    join_tiles,
    shared_share,
    without_doubles,
)
from geoagent_graph.perception.text_tiles import Region

PHOTO = Region(0, 0, 1000, 800)
TILE = Region(0, 0, 500, 400)
NEXT = Region(480, 0, 900, 400)


def box(left: float, top: float, width: float, height: float) -> Box:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def lines(*found: Box) -> Lines:
    return [ScoredBox(corners, 0.9) for corners in found]


def corners(found: Lines) -> list[list[list[float]]]:
    return [line.corners.tolist() for line in found]


def test_a_line_that_the_tile_holds_whole_is_taken_from_the_tile() -> None:
    found = lines(box(102, 101, 77, 9))
    joined = join_tiles(lines(box(100, 100, 80, 12)), [(TILE, found)], PHOTO)
    assert corners(joined) == corners(found)


def test_a_line_that_the_edge_of_a_tile_cuts_is_taken_from_the_first_look() -> None:
    first = lines(box(400, 100, 200, 12))
    joined = join_tiles(first, [(TILE, lines(box(401, 101, 98, 10)))], PHOTO)
    assert corners(joined) == corners(first)


def test_a_line_at_the_edge_of_the_photo_is_not_cut() -> None:
    found = lines(box(1, 100, 90, 12))
    assert corners(join_tiles([], [(TILE, found)], PHOTO)) == corners(found)


def test_halves_of_a_line_in_two_tiles_become_one() -> None:
    left, right = lines(box(400, 100, 99, 12)), lines(box(481, 101, 120, 12))
    (joined,) = join_tiles([], [(TILE, left), (NEXT, right)], PHOTO)
    assert joined.corners[:, 0].min() == 400
    assert joined.corners[:, 0].max() == 601


def test_lines_of_two_rows_are_not_halves_of_one() -> None:
    assert len(join_halves(lines(box(400, 100, 99, 12), box(481, 116, 120, 12)))) == 2


def test_a_line_that_two_tiles_hold_is_one() -> None:
    assert len(without_doubles(lines(box(100, 100, 80, 12), box(101, 100, 79, 12)))) == 1


def test_lines_that_the_first_look_took_for_one_are_several() -> None:
    found = lines(*(box(100, 100 + 20 * row, 90, 14) for row in range(4)))
    joined = join_tiles(lines(box(98, 98, 95, 80)), [(TILE, found)], PHOTO)
    assert sorted(corners(joined)) == sorted(corners(found))


def test_a_small_line_inside_a_large_shape_is_kept_beside_it() -> None:
    shape, line = lines(box(100, 100, 200, 150)), lines(box(150, 200, 60, 12))
    assert len(join_tiles(shape, [(TILE, line)], PHOTO)) == 2


def test_a_shape_in_a_tile_does_not_take_the_place_of_a_line_in_it() -> None:
    line, shape = lines(box(150, 200, 60, 12)), lines(box(100, 100, 200, 150))
    assert corners(join_tiles(line, [(TILE, shape)], PHOTO)) == corners(line)


def test_a_piece_of_a_large_letter_is_no_line() -> None:
    letter = lines(box(100, 100, 300, 60))
    joined = join_tiles(letter, [(TILE, lines(box(110, 105, 40, 50)))], PHOTO)
    assert corners(joined) == corners(letter)


def test_the_shared_share_is_that_of_the_smaller_box() -> None:
    assert shared_share(box(0, 0, 100, 10), box(50, 0, 100, 10)) == pytest.approx(0.5)
    assert shared_share(box(0, 0, 100, 10), box(0, 50, 10, 10)) == 0.0
    assert shared_share(box(0, 0, 0, 0), box(0, 0, 10, 10)) == 0.0
