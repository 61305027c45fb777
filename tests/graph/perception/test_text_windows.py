"""Windows of a large photo: where its cells are most likely to show letters."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geoagent_graph.perception.text_cells import (
    SPANS,
    cell_features,
    cell_probabilities,
    cell_weights,
    max_of_cells,
)
from geoagent_graph.perception.text_tiles import MIN_GAIN
from geoagent_graph.perception.text_windows import MAX_PIXELS, MAX_WINDOWS, PRICES, plan_windows

WIDTH, HEIGHT = 1120, 840
GAIN = 3.6
NO_LINES = np.zeros((0, 4, 2), np.float32)
NO_TRACE = np.full((420, 560), 1e-4, np.float32)


def probabilities(*likely: tuple[int, int]) -> NDArray[np.float64]:
    cells = np.zeros((53, 70))
    for row, column in likely:
        cells[row, column] = 0.99
    return cells


def drawn_photo() -> NDArray[np.uint8]:
    photo = Image.new("RGB", (2000, 1500), "gray")
    for row in range(3):
        ImageDraw.Draw(photo).text((1000, 700 + 14 * row), "SMALL LETTERS HERE", "white")
    return np.asarray(photo)


def test_a_likely_cell_is_looked_at_with_its_surroundings() -> None:
    (window,) = plan_windows(probabilities((20, 30)), WIDTH, HEIGHT, GAIN)
    assert window.zoom == GAIN
    assert window.region.left < 30 * 16 < 31 * 16 < window.region.right
    assert window.region.top < 20 * HEIGHT / 53 < window.region.bottom


def test_nothing_likely_gives_no_window() -> None:
    assert plan_windows(probabilities(), WIDTH, HEIGHT, GAIN) == []
    assert plan_windows(np.full((53, 70), min(PRICES) / 2), WIDTH, HEIGHT, GAIN) == []


def test_a_photo_that_was_hardly_reduced_has_no_window() -> None:
    assert plan_windows(probabilities((20, 30)), WIDTH, HEIGHT, MIN_GAIN - 0.01) == []


def test_places_far_apart_get_windows_of_their_own_the_likelier_first() -> None:
    cells = probabilities((40, 60))
    cells[5, 5:9] = 0.5
    first, second = plan_windows(cells, WIDTH, HEIGHT, GAIN)
    assert first.region.left < 5 * 16 < 9 * 16 < first.region.right
    assert second.region.left > 800


def test_windows_are_bounded_together() -> None:
    windows = plan_windows(np.full((53, 70), 0.99), WIDTH, HEIGHT, GAIN)
    assert 0 < len(windows) <= MAX_WINDOWS
    assert sum(one.pixels for one in windows) <= MAX_PIXELS
    assert (
        sum(one.pixels for one in plan_windows(np.full((53, 70), 0.99), WIDTH, HEIGHT, GAIN, 1e6))
        <= 1e6
    )


def test_small_letters_are_likely_though_the_first_look_has_no_trace() -> None:
    found = cell_probabilities(NO_TRACE, drawn_photo(), NO_LINES)
    row, column = np.unravel_index(int(np.argmax(found)), found.shape)
    scale = 2000 / 560 * 16
    assert (row * scale, column * scale) == pytest.approx((715, 1050), abs=110)
    assert found.max() > 20 * found[0].max()


def test_a_trace_makes_letters_likelier() -> None:
    trace = NO_TRACE.copy()
    trace[200:216, 240:300] = 0.5
    plain, traced = (
        cell_probabilities(map_, drawn_photo(), NO_LINES) for map_ in (NO_TRACE, trace)
    )
    assert traced[13, 16] > 3 * plain[13, 16]


def test_a_long_large_line_of_the_first_look_needs_no_second_one() -> None:
    trace = NO_TRACE.copy()
    trace[200:240, 100:400] = 0.9
    line = np.array([[[90, 192], [410, 192], [410, 248], [90, 248]]], np.float32)
    square = np.array([[[90, 192], [150, 192], [150, 248], [90, 248]]], np.float32)
    photo = np.zeros((1500, 2000, 3), np.uint8)
    assert cell_probabilities(trace, photo, line)[13, 10] == 0.0
    assert cell_probabilities(trace, photo, NO_LINES)[13, 10] > 0.0
    assert cell_probabilities(trace, photo, square)[13, 7] > 0.0  # it may be a window


def test_every_feature_has_a_weight() -> None:
    features = cell_features(NO_TRACE, drawn_photo())
    assert features.shape == (27, 35, 4 * len(SPANS) + 1)
    assert features.shape[-1:] == cell_weights().weights.shape
    assert np.isfinite(features).all()


def test_the_largest_value_of_each_cell() -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert max_of_cells(values, (2, 2)).tolist() == [[1.0, 3.0], [9.0, 11.0]]
