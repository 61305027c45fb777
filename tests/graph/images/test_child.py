"""What the decoding process does with one photo, called directly, without a process."""

import io

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


def test_metadata_are_read_without_the_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Model"
    data = encoded(Image.new("RGB", (8, 8)), "JPEG", exif=exif)
    tags, body = child.answer("metadata", data[:-300], 1, 0)
    assert (tags["exif"]["make"], tags["exif"]["model"], body) == ("Maker", "Model", b"")
