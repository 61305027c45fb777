"""The position that one block of metadata claims, with its error, its state and its time."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from geoagent_graph.file_claims import MAX_APART_DEG
from geoagent_graph.images.coordinates import BadCoordinate, Coordinate, read_coordinate
from geoagent_graph.images.tag_text import visible_text

METRES_PER_DEGREE = 111_195.0
METRES_PER_DOP = 5.0  # a receiver's own error at the best geometry; set by hand
MIN_STEP_ERROR_M = 10.0  # digits finer than this say nothing about the error
OTHER_DATUM_ERROR_M = 500.0  # the usual shift between an older datum and WGS 84
MAX_ERROR_M = 20_037_500.0  # half-way around the Earth
_NULL_ISLAND_DEG = 1e-3
_WGS84 = re.compile(r"WGS[\s_-]?(?:19)?84|EPSG:4326|4326", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GpsClaim:
    """A position in degrees; `measured` is when the receiver measured it, in UTC."""

    lat_deg: float
    lon_deg: float
    error_m: float | None
    void: bool
    measured: datetime | None


def read_gps(gps: Mapping[str, Any], block: str, problems: list[str]) -> GpsClaim | None:
    """Return the position in tags by name; None where there is none or it is not understood.

    Args:
        gps: values by the names of `sandbox.exif_tags.GPS_TAGS`: lists of numbers, or text.
        block: "EXIF" or "XMP", for the problems.
        problems: gets a sentence for each thing that is there and not understood.
    """
    if gps.get("latitude") is None and gps.get("longitude") is None:
        return None
    latitude = _read_axis(gps, "latitude", block, problems)
    longitude = _read_axis(gps, "longitude", block, problems)
    if latitude is None or longitude is None:
        return None
    if max(abs(latitude.degrees), abs(longitude.degrees)) < _NULL_ISLAND_DEG:
        problems.append(f"The {block} position is (0, 0): a camera without a fix, not a place.")
        return None
    return GpsClaim(
        lat_deg=latitude.degrees,
        lon_deg=longitude.degrees - 360.0 if longitude.degrees >= 180.0 else longitude.degrees,
        error_m=_error_m(gps, latitude, longitude, block, problems),
        void=(visible_text(gps.get("status")) or "").upper().startswith("V"),
        measured=read_gps_time(gps),
    )


def are_apart(one: GpsClaim, other: GpsClaim) -> bool:
    """Return whether two positions are two places, not one that was rounded twice."""
    away = (one.lat_deg - other.lat_deg, (one.lon_deg - other.lon_deg + 180.0) % 360.0 - 180.0)
    return max(map(abs, away)) > MAX_APART_DEG


def _read_axis(
    gps: Mapping[str, Any], axis: Any, block: str, problems: list[str]
) -> Coordinate | None:
    try:
        reference = visible_text(gps.get(f"{axis}_ref"))
        coordinate = read_coordinate(gps.get(axis), reference, axis)
    except BadCoordinate as error:
        problems.append(f"The {block} {axis} {error}.")
        return None
    if coordinate.note:
        problems.append(f"The {block} {axis} {coordinate.note}.")
    return coordinate


def _error_m(
    gps: Mapping[str, Any],
    latitude: Coordinate,
    longitude: Coordinate,
    block: str,
    problems: list[str],
) -> float | None:
    """Return the standard deviation that is stated or implied by the digits, in metres, or None."""
    step_m = min(latitude.step_deg, longitude.step_deg) * METRES_PER_DEGREE
    errors = [step_m / math.sqrt(12.0)] if step_m / math.sqrt(12.0) > MIN_STEP_ERROR_M else []
    stated, dop = positive_number(gps.get("error_m")), positive_number(gps.get("dop"))
    if stated is not None:
        errors.append(stated)
    elif dop is not None:
        errors.append(dop * METRES_PER_DOP)
    datum = visible_text(gps.get("datum"))
    if datum and not _WGS84.search(datum):
        problems.append(f"The {block} position is of the datum {datum}, and was read as WGS 84.")
        errors.append(OTHER_DATUM_ERROR_M)
    return min(MAX_ERROR_M, max(errors)) if errors else None


def positive_number(value: Any) -> float | None:
    """Return the number in a tag that is a list of one, or text as XMP has it ("12/5"), above 0."""
    if isinstance(value, list):
        number = value[0] if value else None
    elif isinstance(value, str):
        number = _number_in_text(value)
    else:
        number = None
    return float(number) if number is not None and 0.0 < number < math.inf else None


def _number_in_text(text: str) -> float | None:
    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,12})?)(?:/(\d{1,12}))?\s*", text, re.ASCII)
    if match is None:
        return None
    below = float(match[2]) if match[2] else 1.0
    return float(match[1]) / below if below else None


def read_gps_time(gps: Mapping[str, Any]) -> datetime | None:
    """Return when the position was measured, in UTC; None where that is not said in full."""
    clock = gps.get("time")
    if isinstance(clock, str):
        return _iso_time(clock)
    date = re.match(r"(\d{4})[:-](\d\d)[:-](\d\d)", visible_text(gps.get("date")) or "")
    if date is None or not isinstance(clock, list) or len(clock) != 3 or None in clock:
        return None
    try:
        year, month, day_of_month = map(int, date.groups())
        day = datetime(year, month, day_of_month, tzinfo=UTC)
        return day.replace(hour=int(clock[0]), minute=int(clock[1]), second=int(clock[2]))
    except ValueError:
        return None


def _iso_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
