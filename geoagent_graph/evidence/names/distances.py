"""Distances of direction signs that the reader found apart from the name they belong to."""

import re
from collections.abc import Sequence

from geoagent_graph.types import Clue

_DISTANCE = re.compile(
    r"\s*\d{1,3}(?:[.,]\d{3}|\d{1,2}|[.,]\d)?\s*(?:km|mi|miles|км|χλμ|公里|กม)\.?\s*", re.IGNORECASE
)
_MIN_SHARED_HEIGHT = 0.4
_MAX_OVERLAP = 0.3
_MAX_GAP_HEIGHTS = 1.5


def with_distance_beside(line: Clue, lines: Sequence[Clue]) -> Clue:
    """Return a line with the distance that stands right of it, or below it on the same sign.

    In a row the nearest line counts: where it is no distance, what follows is not this name's.
    """
    row = [other for other in lines if other.id != line.id and _is_right_in_row(line, other)]
    beside = min(row, key=_left, default=None)
    if beside is None or not _DISTANCE.fullmatch(beside.text):
        below = [other for other in lines if _DISTANCE.fullmatch(other.text)]
        beside = min((other for other in below if _is_below(line, other)), key=_top, default=None)
    if beside is None:
        return line
    return line.model_copy(update={"text": f"{line.text} {beside.text.strip()}"})


def _is_right_in_row(line: Clue, other: Clue) -> bool:
    here, there = line.box, other.box
    if here is None or there is None or there.left < (here.left + here.right) / 2:
        return False
    shared = min(here.bottom, there.bottom) - max(here.top, there.top)
    height = min(here.bottom - here.top, there.bottom - there.top)
    return shared >= _MIN_SHARED_HEIGHT * height


def _is_below(line: Clue, other: Clue) -> bool:
    here, there = line.box, other.box
    if (
        here is None
        or there is None
        or there.top < here.bottom - _MAX_OVERLAP * (here.bottom - here.top)
    ):
        return False
    middle = (there.left + there.right) / 2
    near = there.top - here.bottom <= _MAX_GAP_HEIGHTS * (here.bottom - here.top)
    return near and here.left <= middle <= here.right


def _top(line: Clue) -> float:
    return line.box.top if line.box is not None else 1.0


def _left(line: Clue) -> float:
    return line.box.left if line.box is not None else 1.0
