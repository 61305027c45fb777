"""Positions as people write them: one parser for all forms, and five forms to write."""

import math
import re
from dataclasses import dataclass
from typing import Final

from geoagent_graph.errors import InputError
from geoagent_graph.positions.map_links import is_link, is_short_link, point_of_link
from geoagent_graph.positions.mgrs import mgrs_reference, point_of_mgrs
from geoagent_graph.positions.plus_codes import plus_code, point_of_plus_code

MAX_CHARS: Final = 4000
_MAX_WORD_CHARS: Final = 200  # of what is no link
FORMS: Final = (
    "41.5514, -8.4231 or 41°33'05\"N 8°25'23\"W or geo:41.5514,-8.4231, a full plus code "
    "(8CHHHH2G+H7), MGRS (29TNG 48115 00130) or the link of a map"
)
_GEO: Final = re.compile(r"geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:,[^;]*)?(?:;.*)?", re.I)
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_MARKS: Final = str.maketrans(
    {"º": "°", "˚": "°", "′": "'", "’": "'", "‘": "'", "ʹ": "'", "″": '"', "”": '"', "“": '"',
     "−": "-", "–": "-", "，": ","}
)  # fmt: skip
_ANGLE: Final = re.compile(
    rf"(?:(?P<before>[NSEW])\s*)?(?P<sign>[+-]?)\s*(?P<deg>{_NUMBER})\s*(?:°|d|\s)?\s*"
    rf"(?:(?P<min>{_NUMBER})\s*(?:'(?!'))\s*)?(?:(?P<sec>{_NUMBER})\s*(?:\"|'')\s*)?"
    r"(?(before)|(?P<after>[NSEW])?)",
    re.I,
)
_DECIMALS: Final = (
    re.compile(r"([+-]?\d+\.\d+|[+-]?\d+)\s*[,;\s]\s*([+-]?\d+\.\d+|[+-]?\d+)"),
    re.compile(r"([+-]?\d+,\d+)\s*[;\s,]\s*([+-]?\d+,\d+)"),
)


@dataclass(frozen=True, slots=True)
class PositionForms:
    """One position in five forms; `mgrs` is empty at the poles."""

    decimal: str
    dms: str
    mgrs: str
    plus_code: str
    geo_uri: str


def parse_position(text: str) -> tuple[float, float]:
    """Return the position that a text stands for: (lat_deg, lon_deg).

    Decimal degrees, degrees with minutes and seconds, geo URI, full plus code, MGRS, and the link
    of a map, which is read and not opened.

    Raises:
        InputError: it is none, or out of range; the message says which forms are read.
    """
    if is_link(text.strip()):
        return _read_link(text.strip())
    words = text.translate(_MARKS).strip()
    if len(words) <= _MAX_WORD_CHARS:
        for read in (_read_geo_uri, _read_decimal, point_of_plus_code, point_of_mgrs, _read_angles):
            found = read(words)
            if found is not None:
                return _check_range(found, text)
    raise InputError(f"{_short(text)}: is no position; write it as {FORMS}")


def position_forms(lat_deg: float, lon_deg: float) -> PositionForms:
    """Return a position in the forms that other programs take, to about a metre."""
    return PositionForms(
        decimal=f"{lat_deg:.6f}, {lon_deg:.6f}",
        dms=f"{_dms(lat_deg, 'NS')} {_dms(lon_deg, 'EW')}",
        mgrs=mgrs_reference(lat_deg, lon_deg) or "",
        plus_code=plus_code(lat_deg, lon_deg),
        geo_uri=f"geo:{lat_deg:.6f},{lon_deg:.6f}",
    )


def _read_link(link: str) -> tuple[float, float]:
    if is_short_link(link):
        raise InputError(
            f"{_short(link)}: is a short link, which says nothing until it is opened; open it in "
            "a browser and give the address that it leads to"
        )
    found = point_of_link(link)
    if found is None:
        raise InputError(f"{_short(link)}: no position stands in this link; write it as {FORMS}")
    return _check_range(found, link)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_WORD_CHARS else f"{text[: _MAX_WORD_CHARS - 1]}…"


def _read_geo_uri(words: str) -> tuple[float, float] | None:
    match = _GEO.fullmatch(words)
    return (float(match[1]), float(match[2])) if match else None


def _read_decimal(words: str) -> tuple[float, float] | None:
    for pattern in _DECIMALS:
        match = pattern.fullmatch(words)
        if match:
            return float(match[1].replace(",", ".")), float(match[2].replace(",", "."))
    return None


def _read_angles(words: str) -> tuple[float, float] | None:
    """Return two angles with their directions, in either order; west and south are negative."""
    found: dict[str, float] = {}
    position = 0
    for axis in ("lat", "lon"):
        match = _ANGLE.match(words, position)
        if match is None:
            return None
        side = (match["before"] or match["after"] or "").upper()
        value = _degrees(match)
        axis = axis if not side else "lat" if side in "NS" else "lon"
        if value is None or axis in found:
            return None
        is_negative = side in ("S", "W") if side else match["sign"] == "-"
        found[axis] = -value if is_negative else value
        position = match.end()
        position += len(words[position:]) - len(words[position:].lstrip(" ,;/"))
    return (found["lat"], found["lon"]) if position == len(words) and len(found) == 2 else None


def _degrees(match: re.Match[str]) -> float | None:
    """Return an angle; None where minutes or seconds are 60 or more."""
    parts = [float((match[name] or "0").replace(",", ".")) for name in ("deg", "min", "sec")]
    if parts[1] >= 60 or parts[2] >= 60:
        return None
    return parts[0] + parts[1] / 60 + parts[2] / 3600


def _check_range(point: tuple[float, float], text: str) -> tuple[float, float]:
    lat_deg, lon_deg = point
    if not (math.isfinite(lat_deg) and abs(lat_deg) <= 90.0):
        raise InputError(f"{_short(text)}: latitude {lat_deg:g} is not within -90 to 90 degrees")
    if not (math.isfinite(lon_deg) and abs(lon_deg) <= 180.0):
        raise InputError(f"{_short(text)}: longitude {lon_deg:g} is not within -180 to 180 degrees")
    return lat_deg, lon_deg


def _dms(degrees: float, sides: str) -> str:
    tenths = round(abs(degrees) * 36000)
    whole, rest = divmod(tenths, 36000)
    minutes, seconds = divmod(rest, 600)
    side = sides[0] if degrees >= 0 else sides[1]
    return f"{whole}°{minutes:02d}'{seconds / 10:04.1f}\"{side}"
