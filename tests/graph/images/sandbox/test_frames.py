"""More than one picture in a file is noticed, and none of them is counted."""

import io

import pytest
from PIL import Image, TiffImagePlugin

from geoagent_graph.images.sandbox.frames import has_second_picture
from geoagent_graph.images.sandbox.pixels import decode
from tests.support.hostile_photos import many_blocks, many_pages

WARNING = "several frames or pages: only the first is looked at"


def pictures(image_format: str, count: int) -> bytes:
    """Return a file of so many pictures."""
    frames = [Image.new("RGB", (16, 16), (40 * number, 90, 200)) for number in range(count)]
    buffer = io.BytesIO()
    frames[0].save(buffer, image_format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("image_format", ["GIF", "TIFF", "WEBP", "PNG", "AVIF"])
def test_a_second_picture_is_told(image_format: str) -> None:
    for count in (1, 2, 5):
        warnings = decode(pictures(image_format, count), 1_000_000, 0)[0]["warnings"]
        assert (WARNING in warnings) == (count > 1)


def test_pages_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def count_pages(image: object) -> int:
        raise AssertionError("counted")

    monkeypatch.setattr(TiffImagePlugin.TiffImageFile, "n_frames", property(count_pages))
    assert decode(many_pages(2_000), 1_000_000, 0)[0]["warnings"] == [WARNING]


def test_blocks_of_a_gif_are_walked() -> None:
    assert has_second_picture(many_blocks(5))
    whole = many_blocks(5)
    first = whole[: whole.rindex(b",")]
    assert not has_second_picture(first)
    for end in range(len(first)):
        assert not has_second_picture(first[:end])
