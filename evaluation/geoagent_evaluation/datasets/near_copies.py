"""Pictures that show the same: each with the first that it is a near copy of.

Every pair is compared, 64 bits at a time, in blocks: exact, memory bounded by a block (16 MB), time
square in the number of pictures: 17 CPU seconds and 91 MB for 100,000 (5e9 pairs).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_evaluation.datasets.picture_facts import PictureFacts
from geoagent_evaluation.datasets.picture_hash import (
    THUMB_PIXELS,
    correlation,
    hamming_distance,
)

# Measured by benchmarks/near_copies.py on 184 photos against 620 and on altered copies of them:
# both together find all copies that were made smaller, saved again or changed in light, 99 % of
# those cut by 2 % on each side and 42 % of those cut by 5 %; of 191,271 pairs of different photos
# the hash alone takes 1 for copies, and both together none.
MAX_DIFFERENT_BITS: Final = 12
MIN_CORRELATION: Final = 0.9
BLOCK: Final = 1024
MAX_CHECKED_AT_ONCE: Final = 1 << 14


@dataclass(frozen=True, slots=True)
class Signatures:
    """Hashes [n] and thumbnails [n, 256] of pictures."""

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.hashes)


@dataclass(frozen=True, slots=True)
class NearCopy:
    """Picture `index` shows what `original` shows; `bits` of their hashes differ."""

    index: int
    original: int
    bits: int


def signatures(facts: Sequence[PictureFacts]) -> Signatures:
    """Return what is compared of pictures."""
    thumbs = [one.thumb for one in facts]
    return Signatures(
        np.array([one.hash64 for one in facts], dtype=np.uint64),
        np.stack(thumbs) if thumbs else np.empty((0, THUMB_PIXELS), dtype=np.uint8),
    )


def find_near_copies(pictures: Signatures) -> list[NearCopy]:
    """Return the pictures that are near copies of an earlier one, each with the first of those."""
    return _search(pictures, pictures, earlier_only=True)


def find_in_references(pictures: Signatures, references: Signatures) -> list[NearCopy]:
    """Return the pictures that are near copies of a reference, each with the first of those."""
    return _search(pictures, references, earlier_only=False)


def _search(pictures: Signatures, others: Signatures, *, earlier_only: bool) -> list[NearCopy]:
    found: list[NearCopy] = []
    for start in range(0, len(pictures), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(pictures)))
        last = rows[-1] + 1 if earlier_only else len(others)
        for column in range(0, last, BLOCK):
            columns = np.arange(column, min(column + BLOCK, last))
            new = _search_block(pictures, others, rows, columns, earlier_only)
            found += new
            rows = np.setdiff1d(rows, [one.index for one in new])
            if not len(rows):
                break
    return sorted(found, key=lambda one: one.index)


def _search_block(
    pictures: Signatures,
    others: Signatures,
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    earlier_only: bool,
) -> list[NearCopy]:
    """Return the first near copy of each row among the columns."""
    bits = hamming_distance(pictures.hashes[rows][:, None], others.hashes[columns][None])
    near = bits <= MAX_DIFFERENT_BITS
    if earlier_only and columns[-1] >= rows[0]:
        near &= columns[None] < rows[:, None]
    if not near.any():
        return []
    i, j = np.nonzero(near)  # row by row, so the first of a row is the earliest picture
    first: dict[int, NearCopy] = {}
    for at in range(0, len(i), MAX_CHECKED_AT_ONCE):
        a, b = i[at : at + MAX_CHECKED_AT_ONCE], j[at : at + MAX_CHECKED_AT_ONCE]
        alike = correlation(pictures.thumbs[rows[a]], others.thumbs[columns[b]])
        for r, c in zip(a[alike >= MIN_CORRELATION], b[alike >= MIN_CORRELATION], strict=True):
            copy = NearCopy(int(rows[r]), int(columns[c]), int(bits[r, c]))
            first.setdefault(copy.index, copy)
    return list(first.values())
