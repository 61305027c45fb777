"""Where the sun stands, for many places and times at once.

Jean Meeus, Astronomical Algorithms, 2nd edition: chapter 25 (low accuracy) and 12 (sidereal time).
Our own because the libraries that do it for arrays bring pandas, and one vector per moment serves
every town: its height there is a dot product. From 1900 to 2100 it is within 0.02 degrees of JPL's
DE421, see `benchmarks/sun.py`. Refraction is left out: 0.1 degrees at 9 degrees of height.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MIN_YEAR: Final = 1900
MAX_YEAR: Final = 2100
_J2000_S: Final = 946_728_000.0  # seconds from 1970 to noon of 2000-01-01
_DAY_S: Final = 86_400.0
_CENTURY_DAYS: Final = 36_525.0


def sun_vectors(utc_s: ArrayLike) -> Floats:
    """Return unit vectors from the Earth to the sun, shape [..., 3], in Earth-fixed axes.

    Args:
        utc_s: seconds since 1970 in UTC.
    """
    days = (np.asarray(utc_s, dtype=np.float64) - _J2000_S) / _DAY_S
    centuries = days / _CENTURY_DAYS
    node = np.radians(125.04 - 1934.136 * centuries)
    longitude = np.radians(_true_longitude_deg(centuries) - 0.00569 - 0.00478 * np.sin(node))
    obliquity = np.radians(23.439291 - 0.0130042 * centuries + 0.00256 * np.cos(node))
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    nutation_deg = -0.00478 * np.sin(node) * np.cos(obliquity)
    sidereal = np.radians(280.46061837 + 360.98564736629 * days + nutation_deg)
    east = right_ascension - sidereal
    cosine = np.cos(declination)
    return np.stack([cosine * np.cos(east), cosine * np.sin(east), np.sin(declination)], axis=-1)


def _true_longitude_deg(centuries: Floats) -> Floats:
    anomaly = np.radians(357.52911 + (35_999.05029 - 0.0001537 * centuries) * centuries)
    centre = (1.914602 - 0.004817 * centuries) * np.sin(anomaly)
    centre += 0.019993 * np.sin(2.0 * anomaly) + 0.000289 * np.sin(3.0 * anomaly)
    mean = 280.46646 + (36_000.76983 + 0.0003032 * centuries) * centuries
    return np.asarray(mean + centre, dtype=np.float64)


def sun_angles(lat_deg: ArrayLike, lon_deg: ArrayLike, utc_s: ArrayLike) -> tuple[Floats, Floats]:
    """Return (elevation, azimuth) of the sun's centre in degrees, for arrays that broadcast.

    The azimuth counts from north over east, 0 to 360; the height is without refraction.
    """
    return horizontal_angles(lat_deg, lon_deg, sun_vectors(utc_s))


def horizontal_angles(
    lat_deg: ArrayLike, lon_deg: ArrayLike, vectors: Floats
) -> tuple[Floats, Floats]:
    """Return (elevation, azimuth) in degrees of directions that are given in Earth-fixed axes.

    Args:
        lat_deg: geodetic latitudes, which broadcast with `vectors[..., 0]`.
        lon_deg: longitudes, likewise.
        vectors: unit vectors, shape [..., 3].
    """
    lat, lon = np.radians(np.asarray(lat_deg)), np.radians(np.asarray(lon_deg))
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    outward = x * np.cos(lon) + y * np.sin(lon)
    up = outward * np.cos(lat) + z * np.sin(lat)
    east = y * np.cos(lon) - x * np.sin(lon)
    north = z * np.cos(lat) - outward * np.sin(lat)
    elevation = np.degrees(np.arcsin(np.clip(up, -1.0, 1.0)))
    return elevation, np.degrees(np.arctan2(east, north)) % 360.0
