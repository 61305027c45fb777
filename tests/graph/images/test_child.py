"""What the decoding process does with one photo, called directly, without a process."""

import io

import pytest
from PIL import Image

from geoagent_graph import load_settings
from geoagent_graph.images import child
from geoagent_graph.images.decode import decode_photo


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


def photos_of_all_kinds() -> dict[str, bytes]:
    """Photos in every format and mode that comes in, with claims of all sorts."""
    photo = Image.effect_mandelbrot((60, 40), (-3, -2.5, 2, 2.5), 100).convert("RGB")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)})
    small = [photo.resize((30, 20))]
    transparent = photo.convert("RGBA")
    transparent.putalpha(100)
    deep = Image.new("I;16", (60, 40), 40_000)
    return {
        "two pictures in a JPEG": encoded(photo, "MPO", save_all=True, append_images=small),
        "JPEG": encoded(photo, "JPEG", exif=exif),
        "progressive JPEG": encoded(photo, "JPEG", progressive=True),
        "CMYK JPEG": encoded(photo.convert("CMYK"), "JPEG"),
        "PNG": encoded(transparent, exif=exif),
        "palette PNG": encoded(photo.quantize(16)),
        "16-bit PNG": encoded(deep),
        "WebP": encoded(photo, "WEBP", save_all=True, append_images=[photo], exif=exif),
        "GIF": encoded(photo, "GIF", save_all=True, append_images=[photo.rotate(9)]),
        "BMP": encoded(photo, "BMP"),
        "TIFF": encoded(photo, "TIFF", compression="tiff_lzw", exif=exif),
        "CIELAB TIFF": encoded(Image.new("LAB", (60, 40)), "TIFF"),
        "CMYK TIFF": encoded(photo.convert("CMYK"), "TIFF"),
        "AVIF": encoded(photo, "AVIF", exif=exif),
    }


@pytest.mark.parametrize("kind", photos_of_all_kinds())
def test_a_process_that_may_open_no_file_decodes_every_kind(kind: str) -> None:
    photo = decode_photo(photos_of_all_kinds()[kind], kind, load_settings(), 20)
    assert max(photo.pixels.shape) == 20
