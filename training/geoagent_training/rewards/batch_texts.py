"""The texts of a batch as rows of the encoder's table; what no gate lets through is not encoded."""

from collections.abc import Sequence
from itertools import chain
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
    sides = [[*chain.from_iterable(side)] for side in (names, truth)]
    found = _look_up(encoder, sides)
    if not _encode_levels(encoder, found, sides, made_room=False):
        found = _look_up(encoder, sides)
        _encode_levels(encoder, found, sides, made_room=True)
    return found


def _look_up(encoder: CachedEncoder, sides: Sequence[Sequence[str]]) -> TextRows:
    return TextRows(*(encoder.rows_if_known(side).reshape(-1, 3) for side in sides))


def _encode_levels(
    encoder: CachedEncoder, found: TextRows, sides: Sequence[Sequence[str]], *, made_room: bool
) -> bool:
    """Encode what is new and counts, level by level; False: rows were forgotten to make room."""
    for level in range(3):
        chosen = _new_that_count(encoder, found, level)
        if not len(chosen[0]):
            continue
        if not made_room and encoder.make_room({text for side in sides for text in side if text}):
            return False
        made_room = True
        _encode_level(encoder, found, sides, level, chosen)
    return True


def _new_that_count(
    encoder: CachedEncoder, found: TextRows, level: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the answers and the truths one of which is new, where both count."""
    group = len(found.answers) // max(1, len(found.truth))
    rows = np.arange(len(found.answers))
    answers, truth = found.answers[:, level], found.truth[rows // max(1, group), level]
    fresh = rows[(answers != NONE) & (truth != NONE) & ((answers == NEW) | (truth == NEW))]
    if len(fresh):
        fresh = fresh[_are_open(encoder, fresh, found, group, level)]
    return np.unique(fresh), np.unique(fresh // max(1, group))


def _encode_level(
    encoder: CachedEncoder,
    found: TextRows,
    sides: Sequence[Sequence[str]],
    level: int,
    chosen: tuple[NDArray[Any], NDArray[Any]],
) -> None:
    """Encode the texts of a level that count, and write their rows into what was found."""
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
