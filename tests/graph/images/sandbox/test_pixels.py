"""Pixels of whole, cut and very large photos, and of the preview in a raw file."""

import io
import re
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.images.sandbox.pixels import choose_scale, decode, to_rgb
from geoagent_graph.images.sandbox.refused import Refused
from tests.support.photo_files import photo, tiff_structure

LIMIT = 60_000_000


def noise(size: tuple[int, int] = (160, 128)) -> Image.Image:
    """Return a photo with no two alike rows."""
    values = np.random.default_rng(3).integers(0, 255, (size[1] // 8, size[0] // 8, 3), np.uint8)
    return Image.fromarray(values).resize(size)


def encoded(image: Image.Image, image_format: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [("I;16", 65535, 255), ("I;16", 0, 0), ("L", 128, 128), ("1", 1, 255)],
)
def test_other_depths_become_eight_bits(mode: str, value: int, expected: int) -> None:
    image = Image.new(mode, (2, 1), value)
    assert to_rgb(image).getpixel((0, 0)) == (expected, expected, expected)


def test_transparency_lies_on_white() -> None:
    clear = encoded(Image.new("RGBA", (60, 30), (255, 0, 0, 0)), "PNG")
    header, pixels = decode(clear, LIMIT, 20)
    assert (header["size"], set(pixels)) == ((20, 10), {255})
    assert to_rgb(Image.new("RGBA", (1, 1), (255, 0, 0, 0))).getpixel((0, 0)) == (255,) * 3


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_last_bytes_is_all_there(mode: str, progressive: bool) -> None:
    data = encoded(noise().convert(mode), progressive=progressive)
    header, _ = decode(data[:-2], LIMIT, 0)
    assert header["warnings"] == ["the file lacks its end; the picture is there"]
    assert header["size"] == (160, 128)


def test_a_plain_picture_without_its_end_is_not_taken_for_a_missing_one() -> None:
    for colour in ("black", "gray", "white"):
        data = encoded(Image.new("RGB", (96, 72), colour))
        (warning,) = decode(data[:-2], LIMIT, 0)[0]["warnings"]
        assert "the file" in warning


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "BMP", "TIFF", "GIF"])
def test_of_a_photo_that_breaks_off_the_rest_is_read(image_format: str) -> None:
    data = encoded(noise((160, 512)), image_format)
    header, pixels = decode(data[: int(0.62 * len(data))], LIMIT, 0)
    (warning,) = header["warnings"]
    assert warning.startswith("the file breaks off: about ")
    missing = float(warning.split("about ")[1].split(" ")[0].rstrip("%")) / 100
    assert 0.2 < missing < 0.55
    assert len(pixels) == 160 * 512 * 3


@pytest.mark.parametrize("max_side", [0, 80])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_grey_tail_of_a_jpeg_that_was_cut_and_closed_is_told(
    max_side: int, progressive: bool
) -> None:
    whole = encoded(noise((160, 512)))
    cut = whole[: int(0.6 * len(whole))] + b"\xff\xd9"
    if progressive:  # what another program made of it
        cut = encoded(Image.open(io.BytesIO(cut)), progressive=True, quality=95)
    (warning,) = decode(cut, LIMIT, max_side)[0]["warnings"]
    words = "the last (.*)% of the picture are flat grey, as where a JPEG was cut"
    found = re.fullmatch(words, warning)
    assert found is not None
    assert 25 < int(found[1]) < 55


def test_grey_photos_and_narrow_borders_are_no_cut() -> None:
    grey = Image.new("RGB", (160, 512), (128, 128, 128))
    assert decode(encoded(grey), LIMIT, 0)[0]["warnings"] == []
    grey.paste(noise((160, 510)), (0, 0))
    assert decode(encoded(grey, quality=100), LIMIT, 0)[0]["warnings"] == []


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_a_photo_that_is_mostly_missing_is_damaged(image_format: str) -> None:
    data = encoded(noise((160, 512)), image_format)
    with pytest.raises(Refused, match="damaged"):
        decode(data[: int(0.15 * len(data))], LIMIT, 0)


@pytest.mark.parametrize(
    ("size", "image_format", "scale"),
    [
        ((9000, 6000), "JPEG", 1),
        ((12032, 9024), "JPEG", 2),
        ((16320, 12240), "MPO", 2),
        ((60_000, 60_000), "JPEG", 8),
        ((6000, 6000), "PNG", 1),
    ],
)
def test_a_jpeg_is_decoded_as_small_as_it_must(
    size: tuple[int, int], image_format: str, scale: int
) -> None:
    assert choose_scale(size, image_format, LIMIT) == scale


@pytest.mark.parametrize(
    ("size", "image_format"), [((65_500, 65_500), "JPEG"), ((12032, 9024), "PNG")]
)
def test_what_cannot_be_decoded_that_small_is_refused(
    size: tuple[int, int], image_format: str
) -> None:
    with pytest.raises(Refused) as caught:
        choose_scale(size, image_format, LIMIT)
    assert caught.value.reply == {"fault": "too_large", "width": size[0], "height": size[1]}


@pytest.mark.parametrize("max_side", [0, 500, 100])
def test_a_photo_of_too_many_pixels_is_read_smaller(max_side: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(noise((1600, 800)), exif=exif)
    header, pixels = decode(data, 100_000, max_side)
    assert header["full"] == (800, 1600)
    assert header["largest"] == 400
    assert header["size"] == ((200, 400) if max_side != 100 else (50, 100))
    assert len(pixels) == header["size"][0] * header["size"][1] * 3
    assert header["warnings"] == ["1 megapixels: decoded at 1/4 of width and height"]


def raw_file(preview: bytes | None, make: bytes = b"NIKON\0\0\0", orientation: int = 6) -> bytes:
    """Return a raw file: a thumbnail, below it the picture and its JPEG preview."""
    size = struct.pack("<I", len(preview or b""))
    jpeg = [(513, 4, b"@+0"), (514, 4, size)] if preview else []
    sub = b"".join(struct.pack("<I", offset) for offset in raw_offsets(bool(preview)))
    return tiff_structure(
        [
            [(271, 2, make), (274, 3, struct.pack("<H", orientation)), (330, 4, sub)],
            [(259, 3, struct.pack("<H", 34713)), (262, 3, struct.pack("<H", 32803))],
            jpeg,
        ],
        blobs=preview or b"",
    )


def raw_offsets(has_preview: bool) -> tuple[int, int]:
    first = 8 + 2 + 3 * 12 + 4 + 8 + 8
    return first, first + 2 + 2 * 12 + 4


def test_of_a_raw_file_the_preview_is_read_and_turned_as_the_raw_file_says() -> None:
    header, _ = decode(raw_file(encoded(noise())), LIMIT, 0)
    assert (header["format"], header["size"]) == ("NEF", (128, 160))
    assert header["warnings"] == ["NEF, a camera's raw file: the JPEG preview in it was looked at"]


def test_a_raw_file_without_a_preview_is_refused_as_one() -> None:
    with pytest.raises(Refused, match="raw"):
        decode(raw_file(None, b"PENTAX\0\0"), LIMIT, 0)


def test_a_raw_file_of_fujifilm_is_its_preview() -> None:
    jpeg = encoded(noise())
    data = b"FUJIFILMCCD-RAW ".ljust(84, b"0") + struct.pack(">II", 92, len(jpeg)) + jpeg
    assert decode(data, LIMIT, 0)[0]["format"] == "RAF"


def test_of_a_cr3_the_preview_is_read_and_turned() -> None:
    jpeg = encoded(noise())
    turned = tiff_structure([[(274, 3, struct.pack("<H", 8))]])
    box = b"PRVW" + bytes(4) + struct.pack(">HHHHI", 1, 160, 128, 1, len(jpeg)) + jpeg
    header, _ = decode(b"\0\0\0\x18ftypcrx " + b"CMT1" + turned + box, LIMIT, 0)
    assert (header["format"], header["size"]) == ("CR3", (128, 160))


@pytest.mark.parametrize("beginning", [b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAPCCDR"])
def test_other_raw_files_are_refused_as_raw_files(beginning: bytes) -> None:
    with pytest.raises(Refused, match="raw"):
        decode(beginning + bytes(100), LIMIT, 0)


def test_directories_in_a_circle_end() -> None:
    circle = bytearray(tiff_structure([[(330, 4, b"@0")]]))
    with pytest.raises((Refused, OSError, ValueError, TypeError, KeyError)):
        decode(bytes(circle), LIMIT, 0)


def test_the_beginning_of_a_tiff_alone_is_unknown() -> None:
    with pytest.raises(Refused, match="unknown"):
        decode(b"II*\0\x08", LIMIT, 0)


def test_a_tiff_is_no_raw_file() -> None:
    assert decode(photo("TIFF"), LIMIT, 0)[0]["format"] == "TIFF"
