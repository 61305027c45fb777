"""The lines of the map: how far the nearest foreign land and the nearest coast are."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import (
    EARTH_RADIUS_KM,
    coordinates,
    distance_km,
    unit_vectors,
)

Arrays = dict[str, NDArray[Any]]

_KM_PER_DEG: Final = float(np.radians(1.0) * EARTH_RADIUS_KM)
# An edge is straight on the map, not on the sphere: pieces up to that long differ by metres.
_MAX_PIECE_KM: Final = 20.0


@dataclass(frozen=True, slots=True)
class LinePoint:
    """The nearest point of a border or coast: whose it is, where, and how far in km."""

    country_index: int
    lat_deg: float
    lon_deg: float
    distance_km: float


class BorderLines:
    """The outlines of all countries, as short straight pieces on the unit sphere."""

    def __init__(self, arrays: Arrays) -> None:
        start, end, owners = _cut_long_edges(*border_edges(arrays))
        self._south = np.minimum(start[:, 1], end[:, 1])
        self._north = np.maximum(start[:, 1], end[:, 1])
        self._start = unit_vectors(start[:, 1], start[:, 0])
        self._along = unit_vectors(end[:, 1], end[:, 0]) - self._start
        self._owners = owners

    def nearest_foreign(
        self, lat_deg: float, lon_deg: float, country_index: int, within_km: float
    ) -> LinePoint | None:
        """Return the nearest land of any other country, None when it is beyond `within_km`.

        At a land border that is the border itself, elsewhere the opposite coast.
        """
        reach_deg = within_km / _KM_PER_DEG
        near = np.flatnonzero(
            (self._south <= lat_deg + reach_deg) & (self._north >= lat_deg - reach_deg)
        )
        near = near[self._owners[near] != country_index]
        found = self._nearest_on(near, lat_deg, lon_deg)
        return found if found is not None and found.distance_km <= within_km else None

    def nearest_land(self, lat_deg: float, lon_deg: float) -> LinePoint | None:
        """Return the nearest border or coast of all, however far; None on an empty map."""
        return self._nearest_on(np.arange(len(self._owners)), lat_deg, lon_deg)

    def _nearest_on(
        self, pieces: NDArray[np.int64], lat_deg: float, lon_deg: float
    ) -> LinePoint | None:
        """Return the nearest point on some pieces."""
        if len(pieces) == 0:
            return None
        here = unit_vectors([lat_deg], [lon_deg])[0]
        start, along = self._start[pieces], self._along[pieces]
        length = np.maximum((along**2).sum(axis=1), 1e-24)
        share = np.clip(((here - start) * along).sum(axis=1) / length, 0.0, 1.0)
        feet = start + share[:, None] * along
        best = int(np.argmin(((feet - here) ** 2).sum(axis=1)))
        lat, lon = (float(value) for value in coordinates(feet[best]))
        distance = float(distance_km(lat_deg, lon_deg, lat, lon))
        return LinePoint(int(self._owners[pieces[best]]), lat, lon, distance)


def point_owners(arrays: Arrays) -> NDArray[np.int16]:
    """Return the country index of every point of `points`."""
    first_points = arrays["ring_points"][arrays["polygon_rings"][arrays["country_polygons"]]]
    numbers = np.arange(len(first_points) - 1, dtype=np.int16)
    return np.repeat(numbers, np.diff(first_points))


def border_edges(
    arrays: Arrays,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int16]]:
    """Return the two ends of every edge, [n, 2] in degrees, and the country it belongs to."""
    points, owners = arrays["points"], point_owners(arrays)
    inside = np.ones(len(points) - 1, dtype=bool)
    inside[arrays["ring_points"][1:-1] - 1] = False  # from one ring to the next
    return points[:-1][inside], points[1:][inside], owners[:-1][inside]


def _cut_long_edges(
    start: NDArray[np.float64], end: NDArray[np.float64], owners: NDArray[np.int16]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int16]]:
    """Return the edges with the long ones cut into equal pieces, straight on the map."""
    length_km = distance_km(start[:, 1], start[:, 0], end[:, 1], end[:, 0])
    pieces = np.maximum(np.ceil(length_km / _MAX_PIECE_KM), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    size = ((end - start) / pieces[:, None])[edge]
    first = start[edge] + step[:, None] * size
    return first, first + size, owners[edge]
