"""When a file says its photo was taken, and how old its position was then."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from geoagent_graph.images.tag_text import visible_text

MAX_OFFSET = timedelta(hours=14, minutes=15)  # the zones of the world, and a clock a little wrong
MIN_OFFSET = timedelta(hours=-12, minutes=-15)
MAX_AGE_SECONDS = 10 * 366 * 86400.0
_DATE = re.compile(r"^(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(.*)$")
_PART_OF_DATE = re.compile(r"^\d{4}(?:[:-]\d\d(?:[:-]\d\d)?)?$")  # a day or less, which is no time
_OFFSET = re.compile(r"^[+-](0\d|1[0-4]):[0-5]\d$")


@dataclass(frozen=True, slots=True)
class PhotoTime:
    """The local time as ISO 8601 without an offset, and its offset from UTC."""

    taken_at: str | None
    utc_offset: str | None


def read_photo_time(
    exif: Mapping[str, Any], xmp: Mapping[str, str], iptc: Mapping[str, str], problems: list[str]
) -> PhotoTime:
    """Return the time of the first block that has one: EXIF, XMP, IPTC."""
    in_exif = _read_time(exif.get("taken_at"), exif.get("utc_offset"), "EXIF", problems)
    if in_exif.taken_at is not None:
        return in_exif
    for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate"):
        found = _read_time(xmp.get(name), xmp.get("exifEX:OffsetTimeOriginal"), "XMP", problems)
        if found.taken_at is not None:
            return found
    found = _read_time(_iptc_time(iptc), None, "IPTC", problems)
    return found if found.taken_at is not None else in_exif


def time_of_measure(time: PhotoTime, measured: datetime | None) -> PhotoTime:
    """Return the receiver's own time, which is UTC, where the file has no other."""
    if time.taken_at is not None or measured is None:
        return time
    return PhotoTime(measured.replace(tzinfo=None).isoformat(timespec="seconds"), "+00:00")


def age_of_measure(time: PhotoTime, measured: datetime | None) -> float | None:
    """Return how many seconds before or after the photo its position was measured.

    Without an offset from UTC only what no time zone explains is known; None where that is nothing.
    """
    if measured is None or time.taken_at is None:
        return None
    local = datetime.fromisoformat(time.taken_at).replace(tzinfo=UTC)
    if time.utc_offset is not None:
        away = abs((local - offset_of(time.utc_offset) - measured).total_seconds())
    else:
        between = local - measured
        away = max((between - MAX_OFFSET).total_seconds(), (MIN_OFFSET - between).total_seconds())
        if away <= 0.0:
            return None
    return min(away, MAX_AGE_SECONDS)


def offset_of(text: str) -> timedelta:
    """Return an offset such as +05:30."""
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -size if text[0] == "-" else size


def _read_time(value: Any, offset: Any, block: str, problems: list[str]) -> PhotoTime:
    text, own_offset = visible_text(value), visible_text(offset)
    taken_at = None
    if text is not None and not text.startswith("0000"):
        taken_at, written_offset = _parse_date(text)
        own_offset = own_offset or written_offset
        if taken_at is None and not _PART_OF_DATE.match(text):
            problems.append(f"The {block} time is not a date.")
    if own_offset in ("Z", "UTC"):
        own_offset = "+00:00"
    if own_offset is not None and not _OFFSET.match(own_offset):
        problems.append(f"The {block} time offset is not an offset.")
        own_offset = None
    return PhotoTime(taken_at, own_offset)


def _parse_date(text: str) -> tuple[str | None, str | None]:
    """Return the local time and what is written behind it."""
    match = _DATE.match(text)
    if match is None:
        return None, None
    try:
        parts = [int(part or 0) for part in match.groups()[:6]]
        year, month, day, hour, minute, second = parts
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None, None
    return moment.isoformat(), match[7].strip() or None


def _iptc_time(iptc: Mapping[str, str]) -> str | None:
    """Return date and time of two IPTC datasets ("20240506", "070809+0100") as one text."""
    date = re.match(r"(\d{4})(\d\d)(\d\d)$", iptc.get("date", ""))
    clock = re.match(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?$", iptc.get("time", ""))
    if date is None or clock is None:
        return None
    zone = f"{clock[4]}:{clock[5]}" if clock[4] else ""
    return f"{'-'.join(date.groups())}T{clock[1]}:{clock[2]}:{clock[3]}{zone}"
