"""A line cut out of a photo: size, dark on light, and the rim of the sign."""

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.perception.line_image import (
    PADDING_PX,
    STRIP_HEIGHT_PX,
    _clean_strip,
    _grow_box,
    line_strips,
)

BOX = np.array([[20, 30], [120, 30], [120, 50], [20, 50]], np.float32)


def bars(ink: int, paper: int) -> np.ndarray:
    """Return a line of three upright bars, all inside `BOX`."""
    pixels = np.full((80, 140, 3), paper, np.uint8)
    for left in (30, 60, 90):
        pixels[35:45, left : left + 8] = ink
    return pixels


def shares_of_dark(strip: Image.Image) -> float:
    return float((np.asarray(strip) < 128).mean())


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (40, 120), (200, 60)])
def test_letters_are_dark_on_light_whatever_they_were(ink: int, paper: int) -> None:
    for strip in line_strips(bars(ink, paper), BOX):
        pixels = np.asarray(strip)
        assert pixels[0, 0] > 200
        assert 0.02 < shares_of_dark(strip) < 0.4


def test_the_strip_as_it_is_has_the_stated_height() -> None:
    _, plain = line_strips(bars(0, 255), BOX)
    assert plain.height == STRIP_HEIGHT_PX + 2 * PADDING_PX
    assert plain.width == 5 * STRIP_HEIGHT_PX + 2 * PADDING_PX


def test_a_box_grows_on_all_sides_by_a_share_of_its_height() -> None:
    grown = _grow_box(BOX, 0.1)
    assert grown.tolist() == [[18, 28], [122, 28], [122, 52], [18, 52]]
    assert np.array_equal(_grow_box(BOX, 0.0), BOX)


def test_the_frame_of_a_sign_is_wiped_and_its_letters_stay() -> None:
    gray = np.full((60, 200), 255, np.uint8)
    gray[:3] = 0  # a frame along the upper rim
    gray[20:40, 80:100] = 0
    cleaned = np.asarray(_clean_strip(gray, 5))
    assert cleaned.shape[0] < 60  # cut to the letter
    inner = cleaned[PADDING_PX:-PADDING_PX, PADDING_PX:-PADDING_PX]
    assert (inner[0] > 200).all()
    assert (inner < 50).sum() == 20 * 20
