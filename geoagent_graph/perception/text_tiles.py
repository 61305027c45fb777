"""Which parts of a large photo are looked at again, larger, and how their boxes join the first.

A box is four corners, shape [4, 2] as x, y, clockwise from the top left; boxes have shape
[n, 4, 2]. A region is an upright rectangle: left, top, right, bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIN_GAIN = 1.3  # a photo that was not reduced by this much shows nothing new
MAX_TILES = 12
MAX_TILE_PIXELS = 300_000  # of one tile: small places are shown as large as the photo has them
MAX_PIXELS_OF_TILES = 900_000  # of all together: about as many as the first look has
MIN_CLEAR_WEIGHT = 0.3  # from here on the detector calls it text; such places come first
MIN_TILE_SIDE_PX = 96.0  # of a tile as it is looked at: the detector needs some surroundings
PADDING_PX = 10.0  # surroundings of a region in the first look
MIN_SAME_SHARE = 0.5  # of the smaller of two boxes that lies in the other, if they are one line
MAX_NESTED_SHARE = 0.6  # of the height of a shape, up to which a line in it is one of its own
EDGE_PX = 3.0  # a box so near to the edge of its tile may go on beyond it

Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Region:
    """A place that may hold letters: a rectangle in pixels, and how clear they are, in [0, 1]."""

    left: float
    top: float
    right: float
    bottom: float
    weight: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the photo that is looked at again, `zoom` times as large as in the first look."""

    region: Region
    zoom: float


def plan_tiles(regions: Sequence[Region], width: float, height: float, gain: float) -> list[Tile]:
    """Return the tiles in a first look of `width` x `height` pixels, the clearest places first.

    At most `MAX_TILES` with `MAX_PIXELS_OF_TILES` together. `gain` is how much larger the photo is
    than its first look; no tile is larger than the photo itself.
    """
    if gain < MIN_GAIN:
        return []
    padded = [_pad_region(region, width, height, gain) for region in regions]
    tiles: list[Tile] = []
    left_pixels = float(MAX_PIXELS_OF_TILES)
    for region in sorted(merge_regions(padded), key=_turn_of):
        zoom = min(gain, (min(left_pixels, MAX_TILE_PIXELS) / region.area) ** 0.5)
        if zoom >= MIN_GAIN and len(tiles) < MAX_TILES:
            tiles.append(Tile(region, zoom))
            left_pixels = max(0.0, left_pixels - region.area * zoom**2)
    return tiles


def _turn_of(region: Region) -> tuple[bool, float]:
    """Return the key by which regions take turns: clear ones from the smallest, then the others."""
    clear = region.weight >= MIN_CLEAR_WEIGHT
    return not clear, region.area if clear else -region.weight


def merge_regions(regions: Sequence[Region]) -> list[Region]:
    """Return regions of which no two overlap: those that do become the one around both."""
    merged: list[Region] = []
    for region in regions:
        while (other := next((o for o in merged if _overlap(o, region)), None)) is not None:
            merged.remove(other)
            region = _region_around(other, region)
        merged.append(region)
    return merged


def join_boxes(first: Boxes, found: Boxes, region: Region) -> Boxes:
    """Return the boxes of the first look with those found in a tile, no line twice.

    A line that the tile holds whole is taken from the tile; one that its edge cuts is taken from
    the first look, which holds every line whole.
    """
    cut = np.array([_touches_edge(box, region) for box in found], bool)
    whole = [box for box, is_cut in zip(found, cut, strict=True) if not is_cut]
    kept = [box for box in first if not _is_covered(box, whole)]
    known = [*kept, *whole]
    rest = [box for box, is_cut in zip(found, cut, strict=True) if is_cut]
    new = [box for box in rest if all(shared_share(box, other) < MIN_SAME_SHARE for other in known)]
    lines = [*kept, *(box for box in whole if not _is_part_of_any(box, kept)), *new]
    return np.array(lines, np.float32).reshape(-1, 4, 2)


def shared_share(box: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the share of the smaller of two boxes that lies in the other."""
    import cv2

    smaller = min(_area(box), _area(other))
    if smaller <= 0.0:
        return 0.0
    common = cv2.intersectConvexConvex(box.astype(np.float32), other.astype(np.float32))[0]
    return float(common) / smaller


def _area(box: NDArray[np.float32]) -> float:
    import cv2

    return float(cv2.contourArea(box.astype(np.float32)))


def _is_covered(box: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> bool:
    """Return whether the boxes of a tile together hold most of a box of the first look."""
    area = _area(box)
    shares = [shared_share(box, other) * min(area, _area(other)) for other in others]
    return area > 0.0 and sum(shares) >= MIN_SAME_SHARE * area


def _is_part_of_any(box: NDArray[np.float32], others: Sequence[NDArray[np.float32]]) -> bool:
    """Return whether a box is a piece of another; small lines inside a large shape are not."""
    return any(
        shared_share(box, other) >= MIN_SAME_SHARE
        and _height(box) > MAX_NESTED_SHARE * _height(other)
        for other in others
    )


def _height(box: NDArray[np.float32]) -> float:
    """Return the shorter side: a box may stand."""
    sides = np.linalg.norm(box - np.roll(box, 1, axis=0), axis=1)
    return float(min(sides[0::2].max(), sides[1::2].max()))


def _touches_edge(box: NDArray[np.float32], region: Region) -> bool:
    low, high = box.min(axis=0), box.max(axis=0)
    return bool(
        low[0] < region.left + EDGE_PX
        or low[1] < region.top + EDGE_PX
        or high[0] > region.right - EDGE_PX
        or high[1] > region.bottom - EDGE_PX
    )


def _pad_region(region: Region, width: float, height: float, gain: float) -> Region:
    """Return the region with its surroundings, inside the photo."""
    least = MIN_TILE_SIDE_PX / gain
    across = max(PADDING_PX, (least - region.right + region.left) / 2)
    down = max(PADDING_PX, (least - region.bottom + region.top) / 2)
    return Region(
        max(0.0, region.left - across),
        max(0.0, region.top - down),
        min(width, region.right + across),
        min(height, region.bottom + down),
        region.weight,
    )


def _overlap(one: Region, other: Region) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def _region_around(one: Region, other: Region) -> Region:
    return Region(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
        max(one.weight, other.weight),
    )
