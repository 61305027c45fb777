"""One set of claims from EXIF, XMP and IPTC; a position that is there is never lost silently."""

from typing import Any

import pytest

from geoagent_graph.file_claims import FileClaims, NamedLocation
from geoagent_graph.images.checked_claims import MAX_PROBLEMS, file_claims_from_tags

GPS = {
    "latitude": [33.0, 26.934, None], "latitude_ref": "S",
    "longitude": [70.0, 40.158, None], "longitude_ref": "W",
}  # fmt: skip
XMP = {"exif:GPSLatitude": "33,26.934S", "exif:GPSLongitude": "70,40.158W"}


def claims_of(
    gps: dict[str, Any] | None = None,
    xmp: dict[str, str] | None = None,
    iptc: dict[str, str] | None = None,
    **exif: Any,
) -> FileClaims:
    tags = {"gps": gps or {}, **exif} if gps or exif else None
    return file_claims_from_tags(
        {"exif": tags, "xmp": xmp or {}, "iptc": iptc or {}, "damaged": []}
    )


@pytest.mark.parametrize(
    ("gps", "xmp"),
    [
        (GPS, {}),
        (None, XMP),
        (GPS, XMP),
        (None, {"drone-dji:GpsLatitude": "-33.4489", "drone-dji:GpsLongitude": "-70.6693"}),
        (None, {"drone-dji:GpsLatitude": "-33.4489", "drone-dji:GpsLongtitude": "-70.6693"}),
        (None, {f"Iptc4xmpExt:LocationCreated/{name}": text for name, text in XMP.items()}),
    ],
)
def test_a_position_of_exif_or_xmp(gps: dict[str, Any] | None, xmp: dict[str, str]) -> None:
    claims = claims_of(gps, xmp)
    assert (claims.lat_deg, claims.lon_deg) == pytest.approx((-33.4489, -70.6693))
    assert claims.problems == ()


def test_two_positions_that_differ_are_said_and_the_first_is_taken() -> None:
    claims = claims_of(GPS, {"exif:GPSLatitude": "10,0N", "exif:GPSLongitude": "20,0E"})
    assert claims.lat_deg == pytest.approx(-33.4489)
    assert claims.problems == ("The positions in EXIF and XMP differ; the one in EXIF was taken.",)


@pytest.mark.parametrize(
    ("gps", "xmp", "words"),
    [
        (None, {"other:HomeLatitude": "1"}, "The XMP has a position that is not read: other:Home"),
        (None, {"exif:GPSLatitude": "here"}, "The XMP latitude is not a number"),
        ({"latitude": "here", "longitude": [1.0]}, {}, "The EXIF latitude is not a number"),
    ],
)
def test_a_position_that_is_not_understood_is_said(
    gps: dict[str, Any] | None, xmp: dict[str, str], words: str
) -> None:
    claims = claims_of(gps, xmp)
    assert claims.lat_deg is None
    assert any(problem.startswith(words) for problem in claims.problems)
    assert len(claims.problems) <= MAX_PROBLEMS


def test_a_void_and_old_position_with_its_error() -> None:
    gps = GPS | {"status": "V", "error_m": [30.0], "date": "2024:05:06", "time": [10.0, 0.0, 0.0]}
    claims = claims_of(gps, taken_at="2024:05:06 12:30:00", utc_offset="+02:00")
    assert (claims.void, claims.error_m, claims.age_seconds) == (True, 30.0, 1800.0)


def test_a_focal_length_is_that_of_a_full_frame_or_none() -> None:
    for value, found in (([26.0], 26.0), ([0.0], None), ([None], None), (None, None), ("x", None)):
        assert claims_of(focal_35mm_mm=value).focal_35mm_mm == found
    assert claims_of(None, {"exif:FocalLengthIn35mmFilm": "35"}).focal_35mm_mm == 35.0
    assert claims_of(None, {"exif:FocalLengthIn35mmFilm": "1e999"}).focal_35mm_mm is None


def test_the_time_of_the_receiver_where_there_is_no_other() -> None:
    claims = claims_of(GPS | {"date": "2024:05:06", "time": [10.0, 0.0, 0.0]})
    assert (claims.taken_at, claims.utc_offset) == ("2024-05-06T10:00:00", "+00:00")


@pytest.mark.parametrize(
    ("xmp", "iptc", "location"),
    [
        (
            {"photoshop:City": "Santiago", "photoshop:Country": "Chile"},
            {"city": "Lima"},
            NamedLocation(city="Santiago", country="Chile"),
        ),
        (
            {
                "photoshop:City": "Santiago",
                "Iptc4xmpExt:LocationShown/Iptc4xmpExt:City": "Valparaíso",
                "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:City": "Iquique",
            },
            {},
            NamedLocation(city="Iquique"),
        ),
        (
            {},
            {"city": "Lima\n", "country_code": "PER"},
            NamedLocation(city="Lima", country_code="PER"),
        ),
        ({"photoshop:City": " "}, {}, None),
    ],
)
def test_the_place_where_the_camera_stood_comes_first(
    xmp: dict[str, str], iptc: dict[str, str], location: NamedLocation | None
) -> None:
    assert claims_of(xmp=xmp, iptc=iptc).location == location
