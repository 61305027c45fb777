"""Where a position may lie that is known up to an error, and which places share it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM, coordinates, unit_vectors
from geoagent_graph.protocols import GeocodedPoint, Geocoder

MAP_ERROR_KM: Final = 0.1
"""Standard deviation of the map's borders where countries share a position; set by hand.

Less than what is measured (see `surroundings.BORDER_ERROR_KM`), so that a sign in the neighbour's
language, which is usual at a border, does not carry a position across, and so that Vatican City has
one at all.
"""
RADII_PER_ERROR: Final = 2.45
"""Radius that holds 95 % of a normal error on a plane, in standard deviations of one axis."""
MAX_ONE_TOWN_ERROR_KM: Final = 1.0
"""Up to here a position has one nearest town; beyond, every town in reach has its share."""
_SAMPLES: Final = 64
_SAMPLES_AROUND: Final = 8
_GOLDEN_ANGLE: Final = float(np.pi * (3.0 - np.sqrt(5.0)))


@dataclass(frozen=True, slots=True)
class PlaceShare:
    """A town, in its country, and the probability that the position is its; they sum to 1."""

    point: GeocodedPoint
    share: float


def place_shares(
    geocoder: Geocoder, lat_deg: float, lon_deg: float, error_km: float
) -> tuple[PlaceShare, ...]:
    """Return the places that share a position, its own first.

    A country has the share of the error that lies in it, by the geocoder's map with an error of its
    own; the town is the country's nearest to the position. Of a position so coarse that towns
    cannot be told apart every town in reach has its share.

    Args:
        geocoder: asked for 9 points, and for 64 more where they are not all in one country.
        lat_deg: latitude in [-90, 90].
        lon_deg: longitude in [-180, 180).
        error_km: standard deviation along one axis.
    """
    own = geocoder.reverse(lat_deg, lon_deg)
    wide_km = float(np.hypot(error_km, MAP_ERROR_KM))
    by_town = error_km > MAX_ONE_TOWN_ERROR_KM
    if not by_town and not _is_near_border(geocoder, own, lat_deg, lon_deg, wide_km):
        return (PlaceShare(own, 1.0),)
    counts: defaultdict[tuple[str, int], int] = defaultdict(int)
    points = {_place_key(own, by_town): own}
    for lat, lon in spread_points(lat_deg, lon_deg, wide_km):
        point = geocoder.reverse(lat, lon)
        key = _place_key(point, by_town)
        points.setdefault(key, point)
        counts[key] += 1
    first = _place_key(own, by_town)
    # of many towns in reach the nearest is the one to name, however its surroundings are shaped
    counts[first] = max(counts.values()) + 1 if by_town else counts[first]
    rest = sorted((key for key in counts if key != first), key=lambda key: -counts[key])
    total = sum(counts.values())
    return tuple(PlaceShare(points[key], counts[key] / total) for key in (first, *rest))


def countries_within(
    geocoder: Geocoder, own: GeocodedPoint, lat_deg: float, lon_deg: float, reach_km: float
) -> tuple[str, ...]:
    """Return the names of other countries than a point's own at 24 points within reach."""
    away_km = np.repeat([reach_km / 3.0, reach_km / 1.5, reach_km], _SAMPLES_AROUND)
    bearings = np.tile(_bearings_around(), 3)
    found = [
        geocoder.reverse(*point) for point in points_around(lat_deg, lon_deg, away_km, bearings)
    ]
    others = (point.country for point in found if point.country_code != own.country_code)
    return tuple(dict.fromkeys(others))


def spread_points(lat_deg: float, lon_deg: float, error_km: float) -> list[tuple[float, float]]:
    """Return points (lat_deg, lon_deg) as a normal error spreads them, the nearest first.

    The radii are the quantiles of the Rayleigh distribution.
    """
    quantiles = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    radii_km = error_km * np.sqrt(-2.0 * np.log1p(-quantiles))
    bearings = np.arange(_SAMPLES) * _GOLDEN_ANGLE
    return points_around(lat_deg, lon_deg, radii_km, bearings)


def points_around(
    lat_deg: float, lon_deg: float, away_km: ArrayLike, bearing_rad: ArrayLike
) -> list[tuple[float, float]]:
    """Return the points (lat_deg, lon_deg) at distances and bearings, east of north, from one."""
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    angle, bearing = np.broadcast_arrays(
        np.asarray(away_km, dtype=np.float64) / EARTH_RADIUS_KM, np.asarray(bearing_rad)
    )
    ways: NDArray[np.float64] = (
        np.cos(bearing)[..., None] * north + np.sin(bearing)[..., None] * east
    )
    vectors = np.cos(angle)[..., None] * unit_vectors(lat_deg, lon_deg)
    lats, lons = coordinates(vectors + np.sin(angle)[..., None] * ways)
    return list(zip(lats.tolist(), lons.tolist(), strict=True))


def _is_near_border(
    geocoder: Geocoder, own: GeocodedPoint, lat_deg: float, lon_deg: float, error_km: float
) -> bool:
    around = points_around(lat_deg, lon_deg, RADII_PER_ERROR * error_km, _bearings_around())
    return any(geocoder.reverse(*point).country_code != own.country_code for point in around)


def _bearings_around() -> NDArray[np.float64]:
    return np.asarray(np.arange(_SAMPLES_AROUND) * (2.0 * np.pi / _SAMPLES_AROUND))


def _place_key(point: GeocodedPoint, by_town: bool) -> tuple[str, int]:
    return point.country_code, point.geonames_id if by_town else 0
