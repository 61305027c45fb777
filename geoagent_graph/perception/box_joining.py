"""How the boxes of tiles join those of the first look: no line twice, none in halves.

A box is four corners, shape [4, 2] as x, y, clockwise from the top left; boxes have shape
[n, 4, 2].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.text_tiles import Region

MIN_SAME_SHARE = 0.5  # of the smaller of two boxes that lies in the other, if they are one line
MAX_NESTED_SHARE = 0.6  # of the height of a shape, up to which a line in it is one of its own
MIN_ROW_SHARE = 0.6  # of the height of two halves of a line that they have in common
MAX_HALVES_GAP = 0.5  # between them, in heights
EDGE_PX = 3.0  # a box so near to an edge of its tile, inside the photo, may go on beyond it

Box = NDArray[np.float32]
Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredBox:
    """One line, and how sure the detector is of it, in [0, 1]."""

    corners: Box
    score: float


Lines = list[ScoredBox]


def join_tiles(first: Lines, tiles: Sequence[tuple[Region, Lines]], photo: Region) -> Lines:
    """Return the lines of the first look with those of tiles, in the coordinates of both.

    A line that a tile holds whole is taken from there; one that its edge cuts is put together from
    the halves in two tiles, or taken from the first look, which holds every line whole.
    """
    whole, cut = split_cut_lines(tiles, photo)
    whole = without_doubles(whole)
    kept = [line for line in first if not _is_covered(line.corners, whole)]
    whole = [line for line in whole if not _is_part_of_any(line.corners, kept)]
    known = [*kept, *whole]
    return [*known, *lines_beside(join_halves(cut), known)]


def split_cut_lines(tiles: Sequence[tuple[Region, Lines]], photo: Region) -> tuple[Lines, Lines]:
    """Return the lines that their tiles hold whole, and those that an edge of theirs cuts."""
    whole: Lines = []
    cut: Lines = []
    for region, found in tiles:
        for line in found:
            (cut if _is_cut(line.corners, region, photo) else whole).append(line)
    return whole, cut


def lines_beside(lines: Lines, known: Lines) -> Lines:
    """Return the lines that none of the known ones is."""
    return [line for line in lines if not _is_covered(line.corners, known)]


def without_doubles(lines: Lines) -> Lines:
    """Return the lines without those that a larger one holds already: tiles overlap."""
    result: Lines = []
    for line in sorted(lines, key=lambda line: _area(line.corners), reverse=True):
        if not _is_part_of_any(line.corners, result):
            result.append(line)
    return result


def join_halves(lines: Lines) -> Lines:
    """Return lines of which those that go on in each other are one."""
    joined: Lines = []
    for line in lines:
        while other := next((o for o in joined if _go_on(o.corners, line.corners)), None):
            joined.remove(other)
            around = _box_around(other.corners, line.corners)
            line = ScoredBox(around, min(other.score, line.score))
        joined.append(line)
    return joined


def _go_on(one: Box, other: Box) -> bool:
    """Return whether two boxes stand in one row and touch, or nearly so."""
    height = min(_height(one), _height(other))
    low, high = (
        np.maximum(one.min(axis=0), other.min(axis=0)),
        np.minimum(one.max(axis=0), other.max(axis=0)),
    )
    alike = height >= MIN_ROW_SHARE * max(_height(one), _height(other))
    return bool(
        alike
        and high[1] - low[1] >= MIN_ROW_SHARE * height
        and high[0] - low[0] >= -MAX_HALVES_GAP * height
    )


def _box_around(one: Box, other: Box) -> Box:
    """Return the box from the left end of one half to the right end of the other."""
    left, right = (one, other) if one[:, 0].min() <= other[:, 0].min() else (other, one)
    if right[:, 0].max() <= left[:, 0].max():
        return left
    return np.stack([left[0], right[1], right[2], left[3]]).astype(np.float32)


def shared_share(box: Box, other: Box) -> float:
    """Return the share of the smaller of two boxes that lies in the other."""
    import cv2

    smaller = min(_area(box), _area(other))
    if smaller <= 0.0:
        return 0.0
    common = cv2.intersectConvexConvex(box.astype(np.float32), other.astype(np.float32))[0]
    return float(common) / smaller


def _is_covered(box: Box, others: Lines) -> bool:
    """Return whether the boxes of tiles together hold most of a box of the first look.

    A much larger shape around a line does not: it may be a window or a whole signboard.
    """
    area = _area(box)
    shares = [
        shared_share(box, o.corners) * min(area, _area(o.corners))
        for o in others
        if MAX_NESTED_SHARE * _height(o.corners) < _height(box)
    ]
    return area > 0.0 and sum(shares) >= MIN_SAME_SHARE * area


def _is_part_of_any(box: Box, others: Lines) -> bool:
    """Return whether a box is a piece of another; small lines inside a large shape are not."""
    return any(
        shared_share(box, other.corners) >= MIN_SAME_SHARE
        and _height(box) > MAX_NESTED_SHARE * _height(other.corners)
        for other in others
    )


def _area(box: Box) -> float:
    import cv2

    return float(cv2.contourArea(box.astype(np.float32)))


def _height(box: Box) -> float:
    """Return the shorter side: a box may stand."""
    sides = np.linalg.norm(box - np.roll(box, 1, axis=0), axis=1)
    return float(min(sides[0::2].max(), sides[1::2].max()))


def _is_cut(box: Box, region: Region, photo: Region) -> bool:
    """Return whether a box touches an edge of its tile that is none of the photo."""
    (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
    beyond = (
        left < region.left + EDGE_PX and region.left > photo.left,
        top < region.top + EDGE_PX and region.top > photo.top,
        right > region.right - EDGE_PX and region.right < photo.right,
        bottom > region.bottom - EDGE_PX and region.bottom < photo.bottom,
    )
    return any(beyond)
