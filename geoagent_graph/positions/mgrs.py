"""The Military Grid Reference System on WGS84, between 80° south and 84° north.

UTM by the series in n of Krüger (1912), to the sixth order: better than a millimetre in a zone. Our
own because what a stranger types would else be parsed by C: the package `mgrs` is GEOTRANS behind
ctypes. Both gave the same references, but for its zero before zones 1 to 9, and the same points at
5,000 places.
"""

import math
import re
from typing import Final

_A_M, _F = 6378137.0, 1 / 298.257223563
_SCALE: Final = 0.9996
_N: Final = _F / (2 - _F)
_RADIUS_M: Final = _A_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_ALPHA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16 + 41 * _N**4 / 180,
    13 * _N**2 / 48 - 3 * _N**3 / 5 + 557 * _N**4 / 1440,
    61 * _N**3 / 240 - 103 * _N**4 / 140,
    49561 * _N**4 / 161280,
)
_BETA: Final = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96 - _N**4 / 360,
    _N**2 / 48 + _N**3 / 15 - 437 * _N**4 / 1440,
    17 * _N**3 / 480 - 37 * _N**4 / 840,
    4397 * _N**4 / 161280,
)
_BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS: Final = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"
_SQUARE_M: Final = 100_000
_MIN_LAT_DEG, _MAX_LAT_DEG = -80.0, 84.0
_REFERENCE: Final = re.compile(
    r"(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])((?:\d\d){0,5})", re.ASCII
)
_E: Final = math.sqrt(_F * (2 - _F))


def mgrs_reference(lat_deg: float, lon_deg: float) -> str | None:
    """Return the square of a metre that a point lies in, as "29TNG4811500130", else None."""
    if not _MIN_LAT_DEG <= lat_deg <= _MAX_LAT_DEG:
        return None
    zone = _zone_of(lat_deg, lon_deg)
    east_m, north_m = _to_utm(lat_deg, lon_deg, zone)
    band = _BANDS[min(int((lat_deg + 80) // 8), 19)]
    column = _COLUMNS[(zone - 1) % 3][int(east_m // _SQUARE_M) - 1]
    row = _ROWS[(int(north_m // _SQUARE_M) + (5 if zone % 2 == 0 else 0)) % 20]
    east, north = int(east_m % _SQUARE_M), int(north_m % _SQUARE_M)
    return f"{zone}{band}{column}{row}{east:05d}{north:05d}"


def point_of_mgrs(reference: str) -> tuple[float, float] | None:
    """Return the middle of a reference's square, (lat_deg, lon_deg); None for anything else."""
    match = _REFERENCE.fullmatch(re.sub(r"\s+", "", reference).upper())
    if match is None:
        return None
    zone, band, column, row, figures = int(match[1]), match[2], match[3], match[4], match[5]
    columns = _COLUMNS[(zone - 1) % 3]
    if not 1 <= zone <= 60 or column not in columns:
        return None
    half = len(figures) // 2
    size_m = _SQUARE_M / 10**half
    east_m = (columns.index(column) + 1) * _SQUARE_M + (int(figures[:half] or 0) + 0.5) * size_m
    rest_m = ((_ROWS.index(row) - (5 if zone % 2 == 0 else 0)) % 20) * _SQUARE_M
    rest_m += (int(figures[half:] or 0) + 0.5) * size_m
    return _in_band(zone, band, east_m, rest_m)


def _in_band(zone: int, band: str, east_m: float, rest_m: float) -> tuple[float, float] | None:
    """Return the point of a square whose row is known up to 2,000 km: the one in the band."""
    south_deg = -80.0 + 8.0 * _BANDS.index(band)
    north_deg = south_deg + (12.0 if band == "X" else 8.0)
    for turns in range(6):
        north_m = rest_m + turns * 20 * _SQUARE_M
        lat_deg, lon_deg = _from_utm(east_m, north_m, zone, is_south=south_deg < 0)
        if south_deg - 1.0 <= lat_deg <= north_deg + 1.0:
            return lat_deg, (lon_deg + 180.0) % 360.0 - 180.0
    return None


def _zone_of(lat_deg: float, lon_deg: float) -> int:
    zone = int((lon_deg + 180.0) // 6) % 60 + 1
    if 56.0 <= lat_deg < 64.0 and 3.0 <= lon_deg < 12.0:
        return 32  # the south-west of Norway
    if lat_deg >= 72.0 and 0.0 <= lon_deg < 42.0:  # Svalbard
        return 31 if lon_deg < 9 else 33 if lon_deg < 21 else 35 if lon_deg < 33 else 37
    return zone


def _to_utm(lat_deg: float, lon_deg: float, zone: int) -> tuple[float, float]:
    """Return easting and northing in metres."""
    sine = math.sin(math.radians(lat_deg))
    away = math.radians((lon_deg - (6 * zone - 183) + 180.0) % 360.0 - 180.0)
    t = math.sinh(math.atanh(sine) - _E * math.atanh(_E * sine))
    xi, eta = math.atan2(t, math.cos(away)), math.atanh(math.sin(away) / math.hypot(1.0, t))
    east = eta + sum(
        a * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, a in enumerate(_ALPHA, start=1)
    )
    north = xi + sum(
        a * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, a in enumerate(_ALPHA, start=1)
    )
    north_m = _SCALE * _RADIUS_M * north + (0.0 if lat_deg >= 0 else 1e7)
    return 5e5 + _SCALE * _RADIUS_M * east, north_m


def _from_utm(east_m: float, north_m: float, zone: int, *, is_south: bool) -> tuple[float, float]:
    xi = (north_m - (1e7 if is_south else 0.0)) / (_SCALE * _RADIUS_M)
    eta = (east_m - 5e5) / (_SCALE * _RADIUS_M)
    north = xi - sum(
        b * math.sin(2 * j * xi) * math.cosh(2 * j * eta) for j, b in enumerate(_BETA, start=1)
    )
    east = eta - sum(
        b * math.cos(2 * j * xi) * math.sinh(2 * j * eta) for j, b in enumerate(_BETA, start=1)
    )
    t = math.sin(north) / math.hypot(math.sinh(east), math.cos(north))
    lat = math.atan(t)
    for _ in range(6):  # the latitude whose conformal one this is
        sine = math.sin(lat)
        lat = math.atan(math.sinh(math.asinh(t) + _E * math.atanh(_E * sine)))
    away = math.atan2(math.sinh(east), math.cos(north))
    return math.degrees(lat), math.degrees(away) + 6 * zone - 183
