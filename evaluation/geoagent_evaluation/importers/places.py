"""Who is asked what a place name means: anything that answers `find`."""

from dataclasses import dataclass
from typing import Protocol

from geoagent_evaluation.contract.tables import LEVELS


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """What a name means: a point in degrees, how fine it is, and its ISO 3166-1 country."""

    lat_deg: float
    lon_deg: float
    level: str
    country: str | None = None

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"level is {self.level!r}, not one of {', '.join(LEVELS)}")


class Gazetteer(Protocol):
    """Knows where places are."""

    def find(self, name: str) -> FoundPlace | None:
        """Return the likeliest place of a name, small before large; None where none is known."""
