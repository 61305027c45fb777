"""What the decoding process does with one photo, called directly, without a process."""

import io
import json
from fractions import Fraction

import pytest
from PIL import Image

from geoagent_graph.images import child


def encoded(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def test_a_photo_is_decoded_upright_as_rgb() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    data = encoded(Image.new("RGB", (4, 2), "red"), "JPEG", exif=exif)
    header, pixels = child.answer("pixels", data, 100, 0)
    assert (header["format"], header["full"], header["size"]) == ("JPEG", (2, 4), (2, 4))
    assert len(pixels) == 2 * 4 * 3
    assert pixels[0] > 200


def test_a_photo_is_made_as_small_as_asked() -> None:
    header, pixels = child.answer("pixels", encoded(Image.new("RGB", (100, 50))), 10_000, 20)
    assert (header["full"], header["size"]) == ((100, 50), (20, 10))
    assert len(pixels) == 20 * 10 * 3


def test_every_fault_is_a_word() -> None:
    good = encoded(Image.new("RGB", (20, 20)))
    assert child.answer("pixels", b"no photo", 1000, 0) == ({"fault": "unknown"}, b"")
    assert child.answer("pixels", good[:-20], 1000, 0) == ({"fault": "damaged"}, b"")
    too_large = {"fault": "too_large", "width": 20, "height": 20}
    assert child.answer("pixels", good, 399, 0) == (too_large, b"")


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [("I;16", 65535, 255), ("I;16", 0, 0), ("L", 128, 128), ("1", 1, 255)],
)
def test_other_depths_become_eight_bits(mode: str, value: int, expected: int) -> None:
    image = Image.new(mode, (2, 1), value)
    assert child.to_rgb(image).getpixel((0, 0)) == (expected, expected, expected)


def test_transparency_lies_on_white() -> None:
    assert child.to_rgb(Image.new("RGBA", (1, 1), (255, 0, 0, 0))).getpixel((0, 0)) == (255,) * 3


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (b"abc\xff", "abc\ufffd"),
        ("x" * 300, "x" * child.MAX_TEXT_CHARS),
        ((Fraction(1, 2), 3, 4, 5), [0.5, 3.0, 4.0]),
        (7, [7.0]),
        (None, None),
        (float("nan"), [None]),
        ((10**400,), [None]),
        (object(), [None]),
    ],
)
def test_tags_become_bounded_plain_values(value: object, plain: object) -> None:
    assert child.plain(value) == plain
    json.dumps(child.plain(value))


def test_exif_is_read_without_the_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model"
    data = encoded(Image.new("RGB", (8, 8)), "JPEG", exif=exif)
    tags, body = child.answer("exif", data, 100, 0)
    assert (tags["make"], tags["model"], body) == ("Maker", "Model", b"")
