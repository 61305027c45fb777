"""What a photo may cost goes by its format and its size."""

import io
from typing import Any

import pytest
from PIL import Image
from PIL.ImageFile import ImageFile

from geoagent_graph.images.sandbox import allowance
from geoagent_graph.images.sandbox.allowance import (
    HEADER_BYTES,
    MAX_PIXELS_BYTES,
    Allowance,
    pixels_bytes,
)

BASE_BYTES = 100 << 20


def opened(image_format: str, size: tuple[int, int] = (100, 50), **options: Any) -> ImageFile:
    """Return a photo that is opened, not yet decoded."""
    buffer = io.BytesIO()
    Image.new("RGB", (100, 50), "teal").save(buffer, image_format, **options)
    image = Image.open(buffer)
    assert isinstance(image, ImageFile)
    image._size = size
    return image


class Limits(list[tuple[str, float]]):
    """What the system was asked for, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setattr(allowance, "limit_cpu_seconds", lambda s: self.append(("cpu", s)))
        monkeypatch.setattr(allowance, "limit_resources", lambda limits: None)
        monkeypatch.setattr(
            "geoagent_graph.images.sandbox.allowance.resource.setrlimit",
            lambda kind, limits: self.append(("memory", (limits[0] - BASE_BYTES) >> 20)),
        )


def test_a_small_photo_has_a_small_share(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(monkeypatch)
    given = Allowance(20.0, BASE_BYTES)
    given.limit_header()
    given.limit_pixels(opened("PNG"), (100, 50))
    given.limit_pixels(opened("WEBP", (5000, 5000)), (5000, 5000))
    given.limit_pixels(opened("JPEG", (3000, 2000)), (12_000, 8_000))
    header_mb = HEADER_BYTES >> 20
    assert limits == [
        ("cpu", 2.0),
        ("memory", header_mb),
        ("cpu", pytest.approx(2.002)),
        ("memory", header_mb),
        ("cpu", pytest.approx(12.0)),
        ("memory", header_mb + 405),
        ("cpu", 20.0),
        ("memory", header_mb + 68),
    ]


def test_what_needs_more_than_any_photo_may_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    Limits(monkeypatch)
    with pytest.raises(MemoryError):
        Allowance(20.0, BASE_BYTES).limit_pixels(opened("WEBP", (7700, 7700)), (7700, 7700))


def test_the_coefficients_of_a_progressive_jpeg_count_whole() -> None:
    small, full = (1000, 1000), (8000, 8000)
    assert pixels_bytes(opened("JPEG", small), full) == 12_000_000
    halved = opened("JPEG", small, progressive=True)
    assert pixels_bytes(halved, full) == 12_000_000 + 2 * 1.5 * 64_000_000
    in_full = opened("JPEG", small, progressive=True, subsampling=0)
    assert pixels_bytes(in_full, full) == 12_000_000 + 2 * 3 * 64_000_000


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "BMP", "GIF", "JPEG", "AVIF"])
def test_every_photo_that_may_be_decoded_fits(image_format: str) -> None:
    size = (10_000, 6_000)
    assert pixels_bytes(opened(image_format, size), size) <= MAX_PIXELS_BYTES


def test_without_seconds_there_are_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(monkeypatch)
    Allowance().limit_header()
    Allowance().limit_pixels(opened("WEBP", (9000, 9000)), (9000, 9000))
    assert limits == []
