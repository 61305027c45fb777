"""The texts of a batch as rows of the encoder's table; what no gate lets through is not encoded."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.text_encoders import NEW, NONE, CachedEncoder

GATES: Final = (0.7, 0.5)
"""Likeness of the country that opens the region, and of the region that opens the place."""

# the kernel decides at the gate itself; a little below it is encoded too
_GATE_SLACK: Final = 1e-3


class TextRows(NamedTuple):
    """Rows of the table for country, region and place; below 0 where no text counts."""

    answers: NDArray[np.int32]
    """[N, 3]."""
    truth: NDArray[np.int32]
    """[P, 3]."""


def number_texts(
    encoder: CachedEncoder, names: Sequence[Fields], truth: Sequence[Fields]
) -> TextRows:
    """Return the rows of N answers and P truths, N / P consecutive answers to a truth.

    A text is encoded only where both sides have it and no gate before it is closed.

    Raises:
        ServiceError: the encoder fails.
    """
    sides = [[text for fields in side for text in fields] for side in (names, truth)]
    found = _look_up(encoder, sides)
    if any((rows == NEW).any() for rows in found):
        if encoder.make_room({text for side in sides for text in side if text}):
            found = _look_up(encoder, sides)
        for level in range(3):
            _encode_level(encoder, found, sides, level)
    return found


def _look_up(encoder: CachedEncoder, sides: Sequence[Sequence[str]]) -> TextRows:
    return TextRows(*(encoder.rows_if_known(side).reshape(-1, 3) for side in sides))


def _encode_level(
    encoder: CachedEncoder, found: TextRows, sides: Sequence[Sequence[str]], level: int
) -> None:
    """Encode the texts of a level that count, and write their rows into what was found."""
    group = len(found.answers) // len(found.truth)
    rows = np.arange(len(found.answers))
    answers, truth = found.answers[:, level], found.truth[rows // group, level]
    fresh = rows[(answers != NONE) & (truth != NONE) & ((answers == NEW) | (truth == NEW))]
    fresh = fresh[_are_open(encoder, fresh, found, group, level)]
    chosen = np.unique(fresh), np.unique(fresh // group)
    texts = [
        [side[3 * row + level] for row in which.tolist()]
        for side, which in zip(sides, chosen, strict=True)
    ]
    numbers = encoder.rows(texts[0] + texts[1])
    found.answers[chosen[0], level] = numbers[: len(chosen[0])]
    found.truth[chosen[1], level] = numbers[len(chosen[0]) :]


def _are_open(
    encoder: CachedEncoder, rows: NDArray[Any], found: TextRows, group: int, level: int
) -> NDArray[np.bool_]:
    is_open = np.ones(len(rows), dtype=bool)
    for before in range(level):
        one, other = found.answers[rows, before], found.truth[rows // group, before]
        is_open &= (one >= 0) & (other >= 0)
        alike = encoder.likeness(one[is_open], other[is_open])
        is_open[is_open] = alike >= GATES[before] - _GATE_SLACK
    return is_open
