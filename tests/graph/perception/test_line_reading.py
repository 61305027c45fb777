"""How lines are cut out and put into batches that fit into memory."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from geoagent_graph.perception.line_reading import (
    MAX_BATCH_LINES,
    MAX_BATCH_WIDTH_PX,
    MAX_LINE_WIDTH_PX,
    MAX_PIECES,
    cut_out,
    join_pieces,
    make_batches,
    read_lines,
    read_width,
    split_line,
)


def test_a_batch_is_no_wider_than_memory_allows() -> None:
    widths = [320] * 8 + [MAX_LINE_WIDTH_PX] * 5
    batches = make_batches(range(len(widths)), widths)
    assert [index for batch in batches for index in batch] == list(range(len(widths)))
    for batch in batches:
        assert len(batch) <= MAX_BATCH_LINES
        assert len(batch) * max(widths[index] for index in batch) <= MAX_BATCH_WIDTH_PX


def test_a_long_line_is_cut_in_the_gap_between_two_words() -> None:
    crop = np.random.default_rng(0).integers(0, 256, (48, 2400, 3)).astype(np.uint8)
    crop[:, 1150:1180] = 200
    left, right = split_line(crop)
    assert 1150 <= left.shape[1] <= 1180
    assert left.shape[1] + right.shape[1] == 2400


@pytest.mark.parametrize("width", [100, 3000, 100_000])
def test_pieces_are_bounded_in_number_and_width(width: int) -> None:
    pieces = split_line(np.zeros((20, width, 3), np.uint8))
    assert len(pieces) <= MAX_PIECES
    assert max(map(read_width, pieces)) <= 1.4 * MAX_LINE_WIDTH_PX


def test_pieces_become_one_line_again() -> None:
    text, confidence = join_pieces([("Rua", 0.9), ("das Flores", 0.8)])
    assert text == "Rua das Flores"
    assert confidence == pytest.approx(0.823, abs=1e-3)
    assert join_pieces([("", 0.0), ("", 0.0)]) == ("", 0.0)


def test_texts_come_back_in_the_order_of_their_lines() -> None:
    def recognize(crops: list[np.ndarray[Any, Any]]) -> SimpleNamespace:
        return SimpleNamespace(txts=[str(c.shape[1]) for c in crops], scores=[0.9] * len(crops))

    crops = [np.zeros((48, width, 3), np.uint8) for width in (900, 100, 500)]
    read = read_lines(SimpleNamespace(recognize_txt=recognize), crops)
    assert [text for text, _ in read] == ["900", "100", "500"]


def test_a_large_line_is_cut_out_smaller_and_shows_the_same() -> None:
    pixels = np.zeros((1200, 1600, 3), np.uint8)
    pixels[200:1000, 100:800] = (255, 0, 0)
    corners = np.array([[100, 200], [1500, 200], [1500, 1000], [100, 1000]], np.float32)
    crop = cut_out(pixels, corners)
    assert crop.shape[0] == pytest.approx(200, abs=2)
    assert crop[100, 20].tolist() == [0, 0, 255]  # blue first
    assert crop[100, -20].tolist() == [0, 0, 0]
