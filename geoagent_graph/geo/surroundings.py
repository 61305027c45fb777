"""What surrounds a point: the nearest border, the nearest land at sea, and who disputes it."""

from dataclasses import dataclass
from typing import Final

from geoagent_graph.geo.disputes import DisputedArea
from geoagent_graph.protocols import GeocodedPoint

BORDER_ERROR_KM: Final = 2.0
"""So near to a border of the map either country may be right.

Nine of ten of the 646 towns that the map and GeoNames put into different countries lie within that
distance of it. Of towns at 0.3 to 0.8 km from a border one in three is the neighbour's, at 0.8 to
1.2 km one in six, at 1.2 to 2 km one in ten.
"""
# Coasts are drawn to that error: nearer to land, a point may be on a pier or on the beach.
COAST_ERROR_KM: Final = 2.0


@dataclass(frozen=True, slots=True)
class NearestBorder:
    """The nearest land of another country: its code, and how far it is in km."""

    country_code: str
    distance_km: float


@dataclass(frozen=True, slots=True)
class NearestLand:
    """The nearest coast of a point at sea: whose it is, where, and how far in km."""

    country_code: str
    lat_deg: float
    lon_deg: float
    distance_km: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A point with what surrounds it; `land` is None on land, `dispute` where nobody disputes it.

    `border` is None where no other country lies within `geocoder.MAX_BORDER_KM`.
    """

    point: GeocodedPoint
    border: NearestBorder | None
    land: NearestLand | None
    dispute: DisputedArea | None

    @property
    def is_at_sea(self) -> bool:
        """Say whether the point is farther from land than coasts are drawn wrong."""
        return self.land is not None and self.land.distance_km > COAST_ERROR_KM

    @property
    def is_within_border_error(self) -> bool:
        """Say whether the point may lie beyond the nearest border, for all the map knows."""
        return self.border is not None and self.border.distance_km <= BORDER_ERROR_KM
