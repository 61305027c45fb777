"""What a photo's file claims about itself: position, time, camera. Claims, never facts."""

import re
from typing import Any

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.decode import run_child
from geoagent_graph.images.source import display_name
from geoagent_graph.protocols import FileClaims
from geoagent_graph.settings import Settings

_MARKS = (b"Exif\0", b"eXIf", b"EXIF")  # JPEG and HEIC, PNG, WebP
_TIFF_MARKS = (b"II*\0", b"MM\0*")
_DATE = re.compile(r"^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$")
_OFFSET = re.compile(r"^[+-](0\d|1[0-4]):[0-5]\d$")
_REFERENCES = {"lat": ("N", "S"), "lon": ("E", "W")}
_NULL_ISLAND_DEG = 1e-3


class PhotoExifReader:
    """Reads EXIF with Pillow in a child process, an `ExifReader`; thread-safe, holds nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def read(self, data: bytes) -> FileClaims:
        """Return the claims in the file's metadata; damaged or absurd ones become `problems`."""
        if not (data.startswith(_TIFF_MARKS) or any(mark in data for mark in _MARKS)):
            return FileClaims(None, None, None, None, None, None)
        try:
            tags, _ = run_child("exif", data, "the photo", self._settings)
        except PhotoError:
            return FileClaims(
                None, None, None, None, None, None, problems=("The EXIF data is damaged.",)
            )
        return file_claims_from_tags(tags)


def file_claims_from_tags(tags: dict[str, Any]) -> FileClaims:
    """Return checked claims from the child's plain values."""
    problems: list[str] = []
    lat_deg, lon_deg = _read_position(tags["gps"], problems)
    camera = (
        " ".join(filter(None, (_visible_text(tags["make"]), _visible_text(tags["model"])))) or None
    )
    return FileClaims(
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        taken_at=_local_time(tags["taken_at"], problems),
        utc_offset=_utc_offset(tags["utc_offset"], problems),
        camera=camera,
        software=_visible_text(tags["software"]),
        problems=tuple(problems),
    )


def _read_position(gps: dict[str, Any], problems: list[str]) -> tuple[float | None, float | None]:
    if gps["2"] is None and gps["4"] is None:
        return None, None
    lat_deg = _to_degrees(gps["2"], gps["1"], "lat", problems)
    lon_deg = _to_degrees(gps["4"], gps["3"], "lon", problems)
    if lat_deg is None or lon_deg is None:
        return None, None
    if abs(lat_deg) < _NULL_ISLAND_DEG and abs(lon_deg) < _NULL_ISLAND_DEG:
        problems.append("The EXIF position is (0, 0): a camera without a fix, not a place.")
        return None, None
    return lat_deg, lon_deg - 360.0 if lon_deg >= 180.0 else lon_deg


def _to_degrees(parts: Any, reference: Any, axis: str, problems: list[str]) -> float | None:
    """Return signed degrees from degrees, minutes, seconds and a hemisphere, or None."""
    word = "latitude" if axis == "lat" else "longitude"
    limit = 90.0 if axis == "lat" else 180.0
    if not isinstance(parts, list) or not parts or any(part is None for part in parts):
        problems.append(f"The EXIF {word} is not a number.")
        return None
    degrees, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    value = float(degrees + minutes / 60.0 + seconds / 3600.0)
    if (
        min(minutes, seconds) < 0.0
        or minutes >= 60.0001
        or seconds >= 60.0001
        or abs(value) > limit
    ):
        problems.append(f"The EXIF {word} is out of range.")
        return None
    hemisphere = (_visible_text(reference) or "").upper()[:1]
    positive, negative = _REFERENCES[axis]
    if hemisphere not in {positive, negative}:
        problems.append(f"The EXIF {word} does not say {positive} or {negative}.")
        return None
    if value < 0.0:
        problems.append(f"The EXIF {word} is negative where it must not be.")
        return None
    return -value if hemisphere == negative else value


def _visible_text(value: Any) -> str | None:
    """Return a tag as one visible line, or None when it is empty or no text."""
    if not isinstance(value, str):
        return None
    text = value.split("\0", 1)[0].strip()
    return display_name(text) if text else None


def _local_time(value: Any, problems: list[str]) -> str | None:
    """Return the local time as ISO 8601 without an offset, or None."""
    from datetime import datetime

    text = _visible_text(value)
    if text is None or text.startswith("0000"):
        return None
    match = _DATE.match(text)
    try:
        if match:
            year, month, day, hour, minute, second = (int(part) for part in match.groups())
            return datetime(year, month, day, hour, minute, second).isoformat()
    except ValueError:
        pass
    problems.append("The EXIF time is not a date.")
    return None


def _utc_offset(value: Any, problems: list[str]) -> str | None:
    text = _visible_text(value)
    if text is None or _OFFSET.match(text):
        return text
    problems.append("The EXIF time offset is not an offset.")
    return None
