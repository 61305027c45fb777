"""What a file says of itself is read as claims; nonsense in it is a problem, not a place."""

import io
import re
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from geoagent_graph.images.exif import PhotoExifReader
from geoagent_graph.settings import Settings


def photo(
    gps: dict[int, Any] | None = None,
    details: dict[int, Any] | None = None,
    image_format: str = "JPEG",
    **tags: str,
) -> bytes:
    exif = Image.Exif()
    exif.update({int(tag.lstrip("t"), 16): value for tag, value in tags.items()})
    if gps:
        exif.get_ifd(0x8825).update(gps)
    if details:
        exif.get_ifd(0x8769).update(details)
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "gray").save(buffer, image_format, exif=exif.tobytes())
    return buffer.getvalue()


@pytest.fixture
def reader() -> PhotoExifReader:
    return PhotoExifReader(Settings())


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_position_time_and_camera_are_claims(reader: PhotoExifReader, image_format: str) -> None:
    data = photo(
        gps={1: "S", 2: (41.0, 33.0, 0.0), 3: "W", 4: (8.0, 30.0, 36.0)},
        details={0x9003: "2024:05:06 07:08:09", 0x9011: "+01:00"},
        image_format=image_format,
        t010F="Maker",
        t0110="Model 7",
        t0131="Edit 1.0",
    )
    claims = reader.read(data)
    assert claims.lat_deg == pytest.approx(-41.55)
    assert claims.lon_deg == pytest.approx(-8.51)
    assert claims.taken_at == "2024-05-06T07:08:09"
    assert claims.utc_offset == "+01:00"
    assert claims.camera == "Maker Model 7"
    assert claims.software == "Edit 1.0"
    assert claims.problems == ()


@pytest.mark.parametrize(
    ("gps", "words"),
    [
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, r"\(0, 0\)"),
        ({1: "N", 2: (95.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, "out of range"),
        ({1: "N", 2: (41.0, 75.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, "out of range"),
        ({2: (41.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, "N or S"),
        ({1: "N", 2: (IFDRational(1, 0), 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)}, "not a number"),
        ({1: "N", 2: (41.0, 0.0, 0.0), 3: "E"}, "longitude is not a number"),
    ],
)
def test_absurd_positions_are_problems_not_places(
    reader: PhotoExifReader, gps: dict[int, Any], words: str
) -> None:
    claims = reader.read(photo(gps=gps))
    assert claims.lat_deg is None
    assert claims.lon_deg is None
    assert any(re.search(words, problem) for problem in claims.problems)


def test_longitude_180_is_minus_180(reader: PhotoExifReader) -> None:
    claims = reader.read(photo(gps={1: "N", 2: (1.0, 0.0, 0.0), 3: "E", 4: (180.0, 0.0, 0.0)}))
    assert claims.lon_deg == -180.0


def test_text_is_bounded_and_on_one_line(reader: PhotoExifReader) -> None:
    claims = reader.read(photo(t0110="x\n\x1b[2J" + "y" * 9000, t0131="\n \n"))
    assert claims.camera is not None
    assert claims.camera.startswith("x\\u000a\\u001b[2Jyyy")
    assert len(claims.camera) <= 200
    assert claims.software is None


def test_a_date_that_is_none_is_a_problem(reader: PhotoExifReader) -> None:
    claims = reader.read(photo(details={0x9003: "2024:13:40 07:08:09", 0x9011: "soon"}))
    assert claims.taken_at is None
    assert claims.utc_offset is None
    assert len(claims.problems) == 2


def test_no_exif_and_damaged_exif(reader: PhotoExifReader) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32)).save(buffer, "JPEG")
    assert reader.read(buffer.getvalue()).problems == ()
    data = photo(gps={1: "N", 2: (41.0, 0.0, 0.0), 3: "E", 4: (8.0, 0.0, 0.0)})
    start = data.index(b"Exif")
    for step in range(8, 90, 3):  # huge counts, wrong types, loops
        damaged = bytearray(data)
        damaged[start + step : start + step + 3] = b"\xff\xff\xff"
        claims = reader.read(bytes(damaged))
        assert claims.lat_deg is None or -90 <= claims.lat_deg <= 90
