"""Which parts of a large photo are looked at again, larger: where its first look has a trace.

A region is an upright rectangle: left, top, right, bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_GAIN = 1.3  # a photo that was not reduced by this much shows nothing new
MAX_TILES = 24
MAX_TILE_PIXELS = 600_000  # of one tile: small places are shown as large as the photo has them
MAX_PIXELS_OF_TILES = 1_800_000  # of all together: about twice as many as the first look has
MIN_CLEAR_WEIGHT = 0.3  # from here on the detector calls it text; such places come first
MIN_TILE_SIDE_PX = 96.0  # of a tile as it is looked at: the detector needs some surroundings
MIN_PADDING_HEIGHTS = 1.5  # to the left and right, in heights of a region
PADDING_PX = 10.0  # surroundings of a region in the first look


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

    @property
    def pixels(self) -> float:
        """How many pixels it has as it is looked at."""
        return self.region.area * self.zoom**2


def plan_tiles(
    regions: Sequence[Region],
    width: float,
    height: float,
    gain: float,
    max_pixels: int = MAX_PIXELS_OF_TILES,
) -> list[Tile]:
    """Return the tiles in a first look of `width` x `height` pixels, the clearest places first.

    At most `MAX_TILES` with `max_pixels` together. `gain` is how much larger the photo is
    than its first look; no tile is larger than the photo itself.
    """
    if gain < MIN_GAIN:
        return []
    padded = [_pad_region(region, width, height, gain) for region in regions]
    tiles: list[Tile] = []
    left_pixels = float(max_pixels)
    for region in sorted(merge_regions(padded), key=_turn_of):
        zoom = min(gain, (min(left_pixels, MAX_TILE_PIXELS) / region.area) ** 0.5)
        if zoom >= MIN_GAIN and len(tiles) < MAX_TILES:
            tiles.append(Tile(region, zoom))
            left_pixels = max(0.0, left_pixels - tiles[-1].pixels)
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


def _pad_region(region: Region, width: float, height: float, gain: float) -> Region:
    """Return the region with its surroundings, inside the photo."""
    least = MIN_TILE_SIDE_PX / gain
    longer = MIN_PADDING_HEIGHTS * (region.bottom - region.top)  # the trace may be of half a line
    across = max(PADDING_PX, longer, (least - region.right + region.left) / 2)
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
