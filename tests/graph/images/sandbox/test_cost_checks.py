"""Files that are built to cost more than any photo are refused; photos of every make are not."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.images.sandbox.cost_checks import (
    MAX_PADDING_BYTES,
    MAX_SCANS,
    require_affordable,
    require_plausible,
    webp_size,
)
from geoagent_graph.images.sandbox.jpeg_segments import MAX_SEGMENTS, segments
from geoagent_graph.images.sandbox.metadata import read_metadata
from geoagent_graph.images.sandbox.pixels import decode
from geoagent_graph.images.sandbox.png_chunks import MAX_CHUNKS
from geoagent_graph.images.sandbox.refused import Refused
from tests.support.hostile_photos import (
    many_chunks,
    many_scans,
    many_segments,
    one_colour_webp,
    padded_jpeg,
)

LIMIT = 60_000_000


def noise(side_px: int = 64) -> Image.Image:
    """Return a photo of no two alike pixels."""
    values = np.random.default_rng(5).integers(0, 255, (side_px, side_px, 3), np.uint8)
    return Image.fromarray(values)


def encoded(image: Image.Image, image_format: str = "JPEG", **options: Any) -> bytes:
    """Return a photo as a file."""
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        many_scans(200),
        many_scans(MAX_SCANS, side_px=64),
        padded_jpeg(encoded(noise()), MAX_PADDING_BYTES + 8),
        padded_jpeg(encoded(noise()), MAX_PADDING_BYTES + 8, b"\xff\0"),
        padded_jpeg(encoded(noise()), 8 * MAX_SEGMENTS, b"\xff\xfe\0\3\0\xff\xff\xff"),
        many_segments(encoded(noise()), MAX_SEGMENTS),
        many_chunks(MAX_CHUNKS),
    ],
    ids=["scans", "small scans", "padding", "escapes", "both", "segments", "chunks"],
)
def test_a_file_of_too_many_parts_is_costly(data: bytes) -> None:
    with pytest.raises(Refused, match="costly"):
        decode(data, LIMIT, 1600)
    read_metadata(data)  # what it says of itself is heard at no great cost


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"progressive": True},
        {"progressive": True, "subsampling": 0, "quality": 100},
        {"restart_marker_blocks": 1},
        {"comment": b"\xff\xda\xff\xd9" * 100},
    ],
)
def test_photos_of_every_make_are_affordable(options: dict[str, Any]) -> None:
    data = encoded(noise(), **options)
    require_affordable(data)
    require_affordable(data + b"\xff\xda" * 2000)  # a film behind the photo is not looked at
    require_affordable(data[:-200])
    require_affordable(padded_jpeg(data, 4096))  # some makers align what follows
    require_affordable(many_scans(40))


@pytest.mark.parametrize(
    "data", [b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0", b"RIFF1234WEBP"]
)
def test_beginnings_are_left_to_the_decoder(data: bytes) -> None:
    require_affordable(data)


def test_padding_is_stepped_over() -> None:
    data = encoded(noise(8), comment=b"x")
    assert list(segments(padded_jpeg(data, 50_000_000))) == list(segments(data))


def test_few_bytes_hold_no_large_photo() -> None:
    data = one_colour_webp()
    assert (len(data), webp_size(data)) == (32, (7680, 7680))
    with pytest.raises(Refused, match="implausible") as caught:
        decode(data, LIMIT, 1600)
    assert caught.value.reply == {"fault": "implausible", "width": 7680, "height": 7680}
    assert decode(one_colour_webp(200), LIMIT, 0)[0]["size"] == (200, 200)  # a drawing may be


def test_a_plain_sky_is_plausible() -> None:
    require_plausible((12032, 9024), 1_700_000)
    require_plausible((7680, 7680), 57_000)
    with pytest.raises(Refused, match="implausible"):
        require_plausible((7680, 7680), 20_000)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (noise(40), {}),
        (noise(40), {"lossless": True}),
        (noise(40).convert("RGBA").resize((40, 30)), {}),
    ],
)
def test_the_size_of_a_webp_is_read_from_its_first_chunk(
    image: Image.Image, options: dict[str, Any]
) -> None:
    if image.mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    assert webp_size(encoded(image, "WEBP", **options)) == image.size
