"""The parts of a large photo that are looked at again, larger.

A region is an upright rectangle: left, top, right, bottom.
"""

from dataclasses import dataclass

MIN_GAIN = 1.3  # a photo that was not reduced by this much shows nothing new


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels of the first look."""

    left: float
    top: float
    right: float
    bottom: float

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
