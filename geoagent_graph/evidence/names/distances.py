"""Distances of direction signs that the reader found apart from the name they belong to."""

import re
from collections.abc import Sequence

from geoagent_graph.types import Clue

_DISTANCE = re.compile(
    r"\s*\d{1,3}(?:[.,]\d{3}|\d{1,2}|[.,]\d)?\s*(?:km|mi|miles|км|χλμ|公里|กม)\.?\s*", re.IGNORECASE
)
_MIN_SHARED_HEIGHT = 0.4


def with_distance_beside(line: Clue, lines: Sequence[Clue]) -> Clue:
    """Return a line with the distance that stands right of it in the same row of the sign.

    The nearest one; where another line stands between, the distance is of that one.
    """
    row = [other for other in lines if other.id != line.id and _is_right_in_row(line, other)]
    nearest = min(row, key=lambda other: _left(other), default=None)
    if nearest is None or not _DISTANCE.fullmatch(nearest.text):
        return line
    return line.model_copy(update={"text": f"{line.text} {nearest.text.strip()}"})


def _is_right_in_row(line: Clue, other: Clue) -> bool:
    here, there = line.box, other.box
    if here is None or there is None or there.left < (here.left + here.right) / 2:
        return False
    shared = min(here.bottom, there.bottom) - max(here.top, there.top)
    height = min(here.bottom - here.top, there.bottom - there.top)
    return shared >= _MIN_SHARED_HEIGHT * height


def _left(line: Clue) -> float:
    return line.box.left if line.box is not None else 1.0
