"""Windows of a large photo: where its cells are most likely to show letters."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoagent_graph.perception.text_cells import (
    cell_weights,
    max_of_cells,
    places_in_detail,
    ranks,
    stroke_density,
)
from geoagent_graph.perception.text_tiles import Region, Tile
from geoagent_graph.perception.text_windows import MAX_PIXELS, plan_windows

WIDTH, HEIGHT = 1120, 840
GAIN = 3.6
NO_LINES = np.zeros((0, 4, 2), np.float32)


def weights(*likely: tuple[int, int]) -> NDArray[np.float64]:
    cells = np.zeros((53, 70))
    for row, column in likely:
        cells[row, column] = 0.99
    return cells


def drawn_photo() -> NDArray[np.uint8]:
    photo = Image.new("RGB", (1400, 1050), "gray")
    for row in range(3):
        ImageDraw.Draw(photo).text((700, 500 + 14 * row), "SMALL LETTERS HERE", "white")
    return np.asarray(photo)


def test_a_likely_cell_is_looked_at_with_its_surroundings() -> None:
    (window,) = plan_windows(weights((20, 30)), WIDTH, HEIGHT, GAIN, [])
    assert window.zoom == GAIN
    assert window.region.left < 30 * 16 < 31 * 16 < window.region.right
    assert window.region.top < 20 * HEIGHT / 53 < window.region.bottom


def test_nothing_likely_gives_no_window() -> None:
    assert plan_windows(weights(), WIDTH, HEIGHT, GAIN, []) == []


def test_what_a_tile_shows_is_not_looked_at_again() -> None:
    tile = Tile(Region(460, 300, 520, 360, 0.9), GAIN)
    assert plan_windows(weights((20, 30)), WIDTH, HEIGHT, GAIN, [tile]) == []


def test_windows_and_tiles_are_bounded_together() -> None:
    tile = Tile(Region(0, 0, 200, 200, 0.9), GAIN)
    windows = plan_windows(np.full((53, 70), 0.99), WIDTH, HEIGHT, GAIN, [tile])
    assert windows
    assert sum(one.pixels for one in (tile, *windows)) <= MAX_PIXELS


def test_small_letters_weigh_most_though_the_first_look_has_no_trace() -> None:
    photo = drawn_photo()
    found = cell_weights(np.zeros((420, 560), np.float32), photo, NO_LINES)
    row, column = np.unravel_index(int(np.argmax(found)), found.shape)
    assert (row * 16 * 2.5, column * 16 * 2.5) == pytest.approx((500, 740), abs=90)
    assert found[0].max() == 0.0


def test_a_large_line_of_the_first_look_needs_no_second_one() -> None:
    trace = np.zeros((420, 560), np.float32)
    trace[200:240, 100:400] = 0.9
    line = np.array([[[90, 192], [410, 192], [410, 248], [90, 248]]], np.float32)
    photo = np.zeros((1050, 1400, 3), np.uint8)
    assert cell_weights(trace, photo, NO_LINES).max() == 1.0
    assert cell_weights(trace, photo, line).max() == 0.0


def test_strokes_stand_out_and_a_fence_does_not() -> None:
    fence = np.zeros((300, 300, 3), np.uint8)
    fence[:, ::4] = 255
    assert stroke_density(fence)[100:200, 100:200].max() < 10
    assert stroke_density(drawn_photo()).max() > 16


def test_details_are_where_the_photo_loses_most() -> None:
    (place, *_) = places_in_detail(drawn_photo(), 560, 420)
    assert place.left < 290 < place.right
    assert place.top < 208 < place.bottom


def test_cells_and_ranks() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert max_of_cells(values, (2, 2)).tolist() == [[1.0, 3.0], [9.0, 11.0]]
    assert ranks(np.array([5, 1, 5, 0])).tolist() == [0.5, 0.25, 0.5, 0.0]
