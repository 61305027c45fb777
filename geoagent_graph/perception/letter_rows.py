"""Words whose letters stand apart: down a sign, or with gaps; laid out in a row they can be read.

A detector finds a hotel's name down a wall as one standing box, or letter by letter. A recogniser
lays a standing box on its side, letters and all, and reads none. Here the letters are cut apart and
set side by side, upright.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script import letter_script

MIN_STANDING_ASPECT = 1.8  # higher than wide by this: letters may stand one below the other
MAX_STANDING_BOXES = 6  # of one photo, the largest; each is read twice more
MAX_LETTERS = 24  # of one standing line
MAX_GROUP_LETTERS = 16
MIN_GROUP_LETTERS = 3  # letters in boxes of their own that make a word
MIN_SPACED_LETTERS = 4  # letters with spaces between them that make a word
MAX_LETTER_ASPECT = 1.8  # of a box that holds a single letter
MAX_SIZE_RATIO = 1.5  # between two letters of one word
MAX_GAP_RATIO = 2.5  # between two neighbours, in letter sizes
MAX_SHIFT_SHARE = 0.35  # of a letter's size, by which it may stand out of its row
MIN_CONFIDENCE_GAIN = 0.05  # by which a row must be read better than its box on its side
MIN_ROW_CONFIDENCE = 0.7
LETTER_HEIGHT_PX = 40
ROW_HEIGHT_PX = 48
GAP_PX = 6

Crop = NDArray[np.uint8]
Boxes = list[TextBox]
ReadCrops = Callable[[Sequence[Crop]], list[tuple[str, float]]]
_DENSE = {"Hani", "Kana", "Hang"}
_PLAIN_FORMS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code).isalnum()}


def join_spaced_letters(text: str) -> str:
    """Return the text with words in one piece whose letters were read one by one: H O T E L.

    Wide forms of Latin letters and digits, which a recogniser takes spread letters for, are plain.
    """
    words = text.translate(_PLAIN_FORMS).split()
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, "  "]:
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        joined += ["".join(run)] if _makes_word(run) else run
        run = []
        joined.append(word)
    return " ".join(joined[:-1])


def _makes_word(letters: Sequence[str]) -> bool:
    dense = all(letter_script(letter) in _DENSE for letter in letters)
    return len(letters) >= (2 if dense else MIN_SPACED_LETTERS)


def read_standing(boxes: Sequence[TextBox], pixels: NDArray[np.uint8], read: ReadCrops) -> Boxes:
    """Return the boxes, standing ones read letter by letter where that is read better."""
    standing = [index for index, box in enumerate(boxes) if is_standing(box.corners)]
    standing = sorted(standing, key=lambda index: boxes[index].crop.size, reverse=True)
    rows: list[tuple[int, Crop]] = []
    for index in standing[:MAX_STANDING_BOXES]:
        column = upright_column(pixels, boxes[index].corners)
        rows += [(index, row) for row in rows_of_column(column)]
    read_rows = read([row for _, row in rows]) if rows else []
    result = list(boxes)
    for (index, row), (text, confidence) in zip(rows, read_rows, strict=True):
        if _is_better_row(text, confidence, result[index]):
            text = "".join(text.split())
            result[index] = replace(result[index], crop=row, text=text, confidence=confidence)
    return result


def is_standing(corners: NDArray[np.float32]) -> bool:
    """Return whether a box is so much higher than wide that the recogniser lays it on its side."""
    width, height = _box_size(corners)
    return height >= MIN_STANDING_ASPECT * max(1.0, width)


def upright_column(pixels: NDArray[np.uint8], corners: NDArray[np.float32]) -> Crop:
    """Return a standing box as it stands, RGB, its letters one below the other."""
    import cv2

    width, height = (max(1, round(side)) for side in _box_size(corners))
    scale = min(1.0, 2.0 * LETTER_HEIGHT_PX / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    turn = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    column = cv2.warpPerspective(pixels, turn, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(column, np.uint8)


def rows_of_column(column: Crop) -> list[Crop]:
    """Return a column's letters in a row, cut at its gaps, and cut into squares."""
    cuts = {tuple(_cuts_at_gaps(column)), tuple(_cuts_in_squares(column))}
    usable = [edges for edges in sorted(cuts) if 2 <= len(edges) - 1 <= MAX_LETTERS]
    return [lay_in_row([column[top:bottom] for top, bottom in pairwise(edges)]) for edges in usable]


def lay_in_row(letters: Iterable[Crop]) -> Crop:
    """Return letters side by side on paper of their own colour, RGB, `ROW_HEIGHT_PX` high."""
    import cv2

    shown = []
    for letter in letters:
        scale = LETTER_HEIGHT_PX / max(letter.shape[:2])
        size = (max(1, round(letter.shape[1] * scale)), max(1, round(letter.shape[0] * scale)))
        shown.append(np.asarray(cv2.resize(letter, size, interpolation=cv2.INTER_AREA), np.uint8))
    paper = np.median(np.concatenate([_rim(letter) for letter in shown]), axis=0)
    width = sum(letter.shape[1] for letter in shown) + GAP_PX * (len(shown) + 1)
    row = np.full((ROW_HEIGHT_PX, width, 3), paper, np.uint8)
    left = GAP_PX
    for letter in shown:
        top = (ROW_HEIGHT_PX - letter.shape[0]) // 2
        row[top : top + letter.shape[0], left : left + letter.shape[1]] = letter
        left += letter.shape[1] + GAP_PX
    return row


def group_letters(boxes: Sequence[TextBox]) -> list[list[int]]:
    """Return the groups of boxes, each in order, whose letters stand in one column or one row."""
    groups: list[list[int]] = []
    for axis in (1, 0):  # columns from the top, then rows from the left
        taken = {index for group in groups for index in group}
        parts = [
            index
            for index, box in enumerate(boxes)
            if index not in taken and (_is_single_letter(box) or _is_run(box, axis))
        ]
        chains = _chains(boxes, sorted(parts, key=lambda i: _reach(boxes[i], axis)[0]), axis)
        groups += [chain for chain in chains if _makes_group([boxes[index] for index in chain])]
    return groups


def read_groups(boxes: Sequence[TextBox], pixels: NDArray[np.uint8], read: ReadCrops) -> Boxes:
    """Return the boxes; those whose letters make a word together are one box.

    Letters in boxes of their own are read as one row: alone, an L is taken for a 7.
    """
    groups = group_letters(boxes)
    single = [all(_is_single_letter(boxes[index]) for index in group) for group in groups]
    rows = [
        lay_in_row([upright_column(pixels, boxes[index].corners) for index in group])
        for group, is_single in zip(groups, single, strict=True)
        if is_single
    ]
    read_rows = iter(read(rows) if rows else [])
    merged: dict[int, TextBox] = {}
    gone: set[int] = set()
    for group, is_single in zip(groups, single, strict=True):
        parts = [boxes[index] for index in group]
        text, confidence = next(read_rows) if is_single else _join_text(parts)
        text = "".join(text.split())
        letters = sum(character.isalpha() for character in text)
        if confidence >= MIN_ROW_CONFIDENCE and letters >= len(group) - 1:
            merged[group[0]] = _box_around(parts, text, confidence)
            gone |= set(group[1:])
    return [merged.get(index, box) for index, box in enumerate(boxes) if index not in gone]


def _join_text(parts: Sequence[TextBox]) -> tuple[str, float]:
    return "".join(part.text for part in parts), min(part.confidence for part in parts)


def _box_around(parts: Sequence[TextBox], text: str, confidence: float) -> TextBox:
    points = np.concatenate([part.corners for part in parts])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    score = min(part.score for part in parts)
    return TextBox(corners, parts[0].crop, text, confidence, score)


def _makes_group(parts: Sequence[TextBox]) -> bool:
    letters = sum(len("".join(part.text.split())) or 1 for part in parts)
    return len(parts) >= 2 and MIN_GROUP_LETTERS <= letters <= MAX_GROUP_LETTERS


def _chains(boxes: Sequence[TextBox], order: Sequence[int], axis: int) -> list[list[int]]:
    """Return the runs of boxes that follow one another along an axis, 0 across and 1 down."""
    chains: list[list[int]] = []
    for index in order:
        chain = next((c for c in chains if _follows(boxes[c[-1]], boxes[index], axis)), None)
        if chain is None:
            chains.append([index])
        else:
            chain.append(index)
    return chains


def _follows(one: TextBox, other: TextBox, axis: int) -> bool:
    size, other_size = _letter_size(one), _letter_size(other)
    gap = _reach(other, axis)[0] - _reach(one, axis)[1]
    shift = abs(_centre(one)[1 - axis] - _centre(other)[1 - axis])
    alike = max(size, other_size) <= MAX_SIZE_RATIO * min(size, other_size)
    near = -MAX_SHIFT_SHARE * size <= gap <= MAX_GAP_RATIO * size
    return bool(alike and near and shift <= MAX_SHIFT_SHARE * size)


def _is_single_letter(box: TextBox) -> bool:
    width, height = _box_size(box.corners)
    square = max(width, height) <= MAX_LETTER_ASPECT * max(1.0, min(width, height))
    return square and len(box.text) <= 1


def _is_run(box: TextBox, axis: int) -> bool:
    """Return whether a box holds several letters of a column, or of a row with gaps in it."""
    if axis == 1:
        return is_standing(box.corners)
    return sum(len(word) == 1 for word in box.text.split()) >= MIN_GROUP_LETTERS


def _is_better_row(text: str, confidence: float, box: TextBox) -> bool:
    letters = sum(character.isalpha() for character in text)
    if confidence < MIN_ROW_CONFIDENCE or letters < 2:
        return False
    return not box.text or confidence >= box.confidence + MIN_CONFIDENCE_GAIN


def _cuts_at_gaps(column: Crop) -> list[int]:
    """Return the rows at which a column is cut: the middles of the gaps between its letters."""
    import cv2

    gray = cv2.cvtColor(column, cv2.COLOR_RGB2GRAY)
    threshold = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0]
    ink = gray > threshold
    if ink.mean() > 0.5:
        ink = ~ink
    inked = ink.mean(axis=1) > 0.04
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    starts, ends = edges[0::2], edges[1::2]
    cuts = [0]
    for end, start in zip(ends, starts[1:], strict=False):
        if start - cuts[-1] >= 0.4 * column.shape[1]:  # a dot or an accent is no letter
            cuts.append(int(end + start) // 2)
    return [*cuts, column.shape[0]]


def _cuts_in_squares(column: Crop) -> list[int]:
    """Return the rows that cut a column into squares: Han and kana are all as high as wide."""
    count = max(1, round(column.shape[0] / column.shape[1]))
    return [round(number * column.shape[0] / count) for number in range(count + 1)]


def _rim(letter: Crop) -> NDArray[np.uint8]:
    return np.concatenate([letter[0], letter[-1], letter[:, 0], letter[:, -1]])


def _box_size(corners: NDArray[np.float32]) -> tuple[float, float]:
    across = float(np.linalg.norm(corners[1] - corners[0]))
    return across, float(np.linalg.norm(corners[3] - corners[0]))


def _letter_size(box: TextBox) -> float:
    sides = _box_size(box.corners)
    return max(1.0, max(sides) if _is_single_letter(box) else min(sides))


def _reach(box: TextBox, axis: int) -> tuple[float, float]:
    """Return where a box begins and ends along an axis."""
    along = box.corners[:, axis]
    return float(along.min()), float(along.max())


def _centre(box: TextBox) -> NDArray[np.float32]:
    return np.asarray(box.corners.mean(axis=0), np.float32)
