"""The sphere: unit vectors, great-circle distances and longitudes, all in float64."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM: Final = 6371.0088
HALF_CIRCUMFERENCE_KM: Final = float(np.pi * EARTH_RADIUS_KM)


def unit_vectors(lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.float64]:
    """Return points on the unit sphere, shape [..., 3], for coordinates in degrees."""
    lat = np.radians(np.asarray(lat_deg, dtype=np.float64))
    lon = np.radians(np.asarray(lon_deg, dtype=np.float64))
    vectors = np.empty((*np.broadcast_shapes(lat.shape, lon.shape), 3))
    cos_lat = np.cos(lat)
    vectors[..., 0] = cos_lat * np.cos(lon)
    vectors[..., 1] = cos_lat * np.sin(lon)
    vectors[..., 2] = np.sin(lat)
    return vectors


def coordinates(vectors: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (lat_deg, lon_deg) of vectors of any length but zero, shape [..., 3]."""
    xyz = np.asarray(vectors, dtype=np.float64)
    horizontal = np.hypot(xyz[..., 0], xyz[..., 1])
    lat = np.degrees(np.arctan2(xyz[..., 2], horizontal))
    lon = np.degrees(np.arctan2(xyz[..., 1], xyz[..., 0]))
    return np.asarray(lat), normalize_longitude(lon)


def normalize_longitude(lon_deg: ArrayLike) -> NDArray[np.float64]:
    """Return longitudes in [-180, 180); values inside stay exactly as they are."""
    lon = np.asarray(lon_deg, dtype=np.float64)
    inside = (lon >= -180.0) & (lon < 180.0)
    if inside.all():
        return lon
    wrapped = np.mod(lon + 180.0, 360.0) - 180.0
    # mod rounds to 360 just below a multiple of it
    wrapped = np.where(wrapped >= 180.0, -180.0, wrapped)
    return np.where(inside, lon, wrapped)


def distance_km(
    lat1_deg: ArrayLike, lon1_deg: ArrayLike, lat2_deg: ArrayLike, lon2_deg: ArrayLike
) -> NDArray[np.float64]:
    """Return great-circle distances, broadcast over the four arguments.

    The arctangent form keeps full precision for points that coincide and for antipodes, where
    haversine and arccosine lose theirs.
    """
    lat1, lon1, lat2, lon2 = (
        np.radians(np.asarray(value, dtype=np.float64))
        for value in (lat1_deg, lon1_deg, lat2_deg, lon2_deg)
    )
    # sin² of half the angle, and of half its supplement: neither cancels where it is small
    cos_product = np.cos(lat1) * np.cos(lat2)
    near = np.sin((lat2 - lat1) / 2) ** 2 + cos_product * np.sin((lon2 - lon1) / 2) ** 2
    far = np.sin((lat1 + lat2) / 2) ** 2 + cos_product * np.cos((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arctan2(np.sqrt(near), np.sqrt(far)))


def chord_to_km(chord: ArrayLike) -> NDArray[np.float64]:
    """Return great-circle km for straight distances between unit vectors, in [0, 2]."""
    half = np.clip(np.asarray(chord, dtype=np.float64) / 2, 0.0, 1.0)
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(half))


def km_to_chord(distance_km: ArrayLike) -> NDArray[np.float64]:
    """Return straight distances between unit vectors for great-circle km."""
    angle = np.asarray(distance_km, dtype=np.float64) / EARTH_RADIUS_KM
    return np.asarray(2 * np.sin(np.minimum(angle, np.pi) / 2))
