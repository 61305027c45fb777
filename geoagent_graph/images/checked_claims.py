"""Checked claims from the plain values of a file's metadata."""

import re
from collections.abc import Mapping
from typing import Any

from geoagent_graph.file_claims import FileClaims
from geoagent_graph.images.gps import GpsClaim, are_apart, read_gps
from geoagent_graph.images.named_location import read_named_location
from geoagent_graph.images.photo_time import (
    age_of_measure,
    read_photo_time,
    time_of_measure,
)
from geoagent_graph.images.tag_text import visible_text

MAX_PROBLEMS = 12
MIN_FOCAL_MM = 4.0
MAX_FOCAL_MM = 3000.0
_XMP_GPS = {
    "latitude": "GPSLatitude",
    "latitude_ref": "GPSLatitudeRef",
    "longitude": "GPSLongitude",
    "longitude_ref": "GPSLongitudeRef",
    "time": "GPSTimeStamp",
    "status": "GPSStatus",
    "dop": "GPSDOP",
    "datum": "GPSMapDatum",
    "error_m": "GPSHPositioningError",
}
_OTHER_XMP_GPS = (
    (
        "Iptc4xmpExt:LocationCreated/exif:GPSLatitude",
        "Iptc4xmpExt:LocationCreated/exif:GPSLongitude",
    ),
    ("drone-dji:GpsLatitude", "drone-dji:GpsLongitude"),
    ("drone-dji:GpsLatitude", "drone-dji:GpsLongtitude"),  # as some drones spell it
)
_POSITION_NAME = re.compile(r"latitude|longt?itude", re.IGNORECASE)


def file_claims_from_tags(tags: Mapping[str, Any]) -> FileClaims:
    """Return checked claims from the child's plain values; what is absurd becomes `problems`."""
    exif, xmp, iptc = tags["exif"] or {}, tags["xmp"], tags["iptc"]
    problems = [f"The {block} data is damaged." for block in tags["damaged"]]
    gps = _read_position(exif, xmp, problems)
    time = read_photo_time(exif, xmp, iptc, problems)
    measured = gps.measured if gps else None
    time = time_of_measure(time, measured)
    return FileClaims(
        lat_deg=gps.lat_deg if gps else None,
        lon_deg=gps.lon_deg if gps else None,
        taken_at=time.taken_at,
        utc_offset=time.utc_offset,
        camera=_camera(exif, xmp),
        software=visible_text(exif.get("software")) or visible_text(xmp.get("xmp:CreatorTool")),
        problems=tuple(dict.fromkeys(problems))[:MAX_PROBLEMS],
        error_m=gps.error_m if gps else None,
        void=gps.void if gps else False,
        age_seconds=age_of_measure(time, measured),
        location=read_named_location(xmp, iptc),
        focal_35mm_mm=_focal_length(exif, xmp),
    )


def _read_position(
    exif: Mapping[str, Any], xmp: Mapping[str, str], problems: list[str]
) -> GpsClaim | None:
    """Return the position of EXIF, else of XMP; one in XMP that is not read is a problem."""
    found = read_gps(exif["gps"], "EXIF", problems) if exif else None
    for gps in _xmp_positions(xmp):
        other = read_gps(gps, "XMP", problems)
        if found and other and are_apart(found, other):
            problems.append("The positions in EXIF and XMP differ; the one in EXIF was taken.")
        found = found or other
    unread = [name for name in xmp if _POSITION_NAME.search(name)]
    if found is None and unread and not problems:
        problems.append(f"The XMP has a position that is not read: {visible_text(unread[0])}.")
    return found


def _xmp_positions(xmp: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the positions in XMP, each as tags by name."""
    own = {name: xmp.get(f"exif:{key}") for name, key in _XMP_GPS.items()}
    others = [
        {"latitude": xmp[latitude], "longitude": xmp[longitude]}
        for latitude, longitude in _OTHER_XMP_GPS
        if latitude in xmp and longitude in xmp
    ]
    return [own, *others]


def _focal_length(exif: Mapping[str, Any], xmp: Mapping[str, str]) -> float | None:
    """Return the 35 mm equivalent; 0 and the absurd are none: cameras write 0 for unknown."""
    in_exif = exif.get("focal_35mm_mm") or [None]
    for value in (in_exif[0], xmp.get("exif:FocalLengthIn35mmFilm")):
        try:
            found = float(str(value))
        except ValueError:
            continue
        if MIN_FOCAL_MM <= found <= MAX_FOCAL_MM:
            return found
    return None


def _camera(exif: Mapping[str, Any], xmp: Mapping[str, str]) -> str | None:
    make = visible_text(exif.get("make")) or visible_text(xmp.get("tiff:Make"))
    model = visible_text(exif.get("model")) or visible_text(xmp.get("tiff:Model"))
    return " ".join(filter(None, (make, model))) or None
