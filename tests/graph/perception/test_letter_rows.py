"""Words whose letters stand apart are read as words."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from geoagent_graph.perception.letter_rows import (
    group_letters,
    join_spaced_letters,
    lay_in_row,
    read_groups,
    read_standing,
    rows_of_column,
)
from geoagent_graph.perception.rapid_ocr import TextBox

PHOTO = np.full((900, 900, 3), 90, np.uint8)


def box(text: str, left: float, top: float, width: float = 40, height: float = 44) -> TextBox:
    right, bottom = left + width, top + height
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    crop = PHOTO[: max(1, int(height)), : max(1, int(width))]
    return TextBox(corners, crop, text, 0.9, 0.9)


class Reads:
    """Reads the same in every row, and counts the rows."""

    def __init__(self, text: str, confidence: float = 0.95) -> None:
        self.read = (text, confidence)
        self.rows = 0

    def __call__(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        self.rows += len(crops)
        return [self.read] * len(crops)


@pytest.mark.parametrize(
    ("read", "joined"),
    [
        ("H O T E L", "HOTEL"),
        ("R E S T A U R A N T", "RESTAURANT"),
        ("H O T E L Bristol", "HOTEL Bristol"),
        ("東 京", "東京"),
        ("ＨＯＴＥＬ", "HOTEL"),
        ("a b c", "a b c"),
        ("J F K Airport", "J F K Airport"),
        ("Rua do Souto 1 4", "Rua do Souto 1 4"),
        ("", ""),
    ],
)
def test_spread_letters_are_one_word(read: str, joined: str) -> None:
    assert join_spaced_letters(read) == joined


def test_letters_down_a_wall_are_one_box_and_one_word() -> None:
    letters = [box(letter, 300, 60 + 80 * row) for row, letter in enumerate("HOTE7")]
    other = box("Bar Central", 20, 700, 200)
    read = Reads("HOT EL")
    merged, kept = read_groups([*letters, other], PHOTO, read)
    assert (merged.text, read.rows) == ("HOTEL", 1)
    assert merged.corners[0].tolist() == [300, 60]
    assert merged.corners[2].tolist() == [340, 424]
    assert kept is other


def test_letters_with_gaps_across_a_front_are_one_word() -> None:
    letters = [box(letter, 60 + 90 * column, 300) for column, letter in enumerate("HOTEL")]
    (merged,) = read_groups(letters, PHOTO, Reads("HOTEL"))
    assert merged.text == "HOTEL"


def test_a_column_that_was_found_in_pieces_is_joined() -> None:
    parts = [
        box("H", 300, 60),
        box("OT", 300, 110, 40, 100),
        box("E", 300, 220),
        box("L", 300, 270),
    ]
    read = Reads("")
    (merged,) = read_groups(parts, PHOTO, read)
    assert (merged.text, read.rows) == ("HOTEL", 0)


def test_letters_that_make_no_word_stay_as_they_are() -> None:
    letters = [box(letter, 300, 60 + 80 * row) for row, letter in enumerate("XOX")]
    assert read_groups(letters, PHOTO, Reads("XOX", 0.4)) == letters


@pytest.mark.parametrize(
    "apart",
    [
        [box("A", 0, 0), box("B", 300, 0), box("C", 600, 0)],
        [box("A", 0, 0), box("B", 60, 60), box("C", 120, 120)],
        [box("A", 0, 0), box("B", 60, 0, 90, 99), box("C", 170, 0)],
        [box("Bar", 0, 0), box("Cafe", 60, 0), box("Pub", 120, 0)],
    ],
    ids=["far", "slanted", "sizes", "words"],
)
def test_boxes_that_stand_in_no_row_are_no_group(apart: list[TextBox]) -> None:
    assert group_letters(apart) == []


def test_a_standing_box_is_read_letter_by_letter_where_that_is_better() -> None:
    column = box("工OTE", 300, 60, 40, 220)
    (read,) = read_standing([column], PHOTO, Reads("HOTEL", 0.97))
    assert (read.text, read.confidence) == ("HOTEL", 0.97)
    assert read_standing([column], PHOTO, Reads("HOTEL", 0.91)) == [column]


def test_a_line_that_lies_is_not_read_again() -> None:
    read = Reads("X")
    lying = [box("Bar", 0, 0, 120)]
    assert read_standing(lying, PHOTO, read) == lying
    assert read.rows == 0


def test_a_column_is_cut_at_its_gaps_and_into_squares() -> None:
    image = Image.new("RGB", (50, 300), (20, 40, 90))
    draw = ImageDraw.Draw(image)
    for row in range(5):
        draw.text(
            (25, 8 + 58 * row), "H", font=ImageFont.load_default(46), fill="white", anchor="mt"
        )
    at_gaps, in_squares = sorted(rows_of_column(np.asarray(image)), key=lambda row: row.shape[1])
    assert at_gaps.shape[0] == in_squares.shape[0] == 48
    assert at_gaps.shape[1] > 4 * 40


def test_a_row_has_the_colour_of_the_letters_own_paper() -> None:
    row = lay_in_row([np.full((40, 40, 3), (10, 20, 30), np.uint8)] * 3)
    assert row.shape == (48, 3 * 40 + 4 * 6, 3)
    assert np.all(row == (10, 20, 30))
