"""Faults of the decoding process as one line for people."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images import decode
from geoagent_graph.images.decode import decode_photo, run_child
from geoagent_graph.settings import Settings


class FixedDecoders:
    """Answers every request in one way."""

    def __init__(self, reply: tuple[dict[str, Any], bytes] | BaseException) -> None:
        self.reply = reply

    def ask(self, order: dict[str, Any], data: bytes) -> tuple[Any, bytes]:
        if isinstance(self.reply, BaseException):
            raise self.reply
        return self.reply


def test_pixels_are_read_only_and_the_size_is_that_of_the_whole_photo() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "blue").save(buffer, "PNG")
    photo = decode_photo(buffer.getvalue(), "a.png", Settings(), 10)
    assert photo.pixels.shape == (5, 10, 3)
    assert (photo.width, photo.height, photo.format) == (40, 20, "PNG")
    assert np.all(photo.pixels == (0, 0, 255))
    assert not photo.pixels.flags.writeable


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (TimeoutError(), PhotoError, "took longer than 20 s.*GEOAGENT_DECODE_SECONDS"),
        (EOFError(), PhotoError, "damaged or incomplete"),
        (OSError(12, "no memory"), ToolError, r"cannot be started \(no memory\)"),
        (({"fault": "memory"}, b""), PhotoError, "too much memory"),
        (({"fault": "unknown"}, b""), PhotoError, "text file"),
        (
            ({"fault": "too_large", "width": 20_000, "height": 10_000}, b""),
            PhotoError,
            "200 megapixels.*GEOAGENT_MAX_PIXELS",
        ),
    ],
)
def test_every_fault_is_one_line_that_names_the_photo(
    monkeypatch: pytest.MonkeyPatch, reply: Any, error: type[Exception], words: str
) -> None:
    monkeypatch.setattr(decode, "DECODERS", FixedDecoders(reply))
    settings = Settings(decode_seconds=20.0)
    with pytest.raises(error, match=words) as caught:
        run_child("pixels", b"plain words", "a\n.jpg", settings)
    assert str(caught.value).startswith("a\\u000a.jpg: ")
    assert "\n" not in str(caught.value)


def test_a_body_of_another_size_than_was_said_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    header = {"size": (2, 2), "full": (2, 2), "format": "PNG", "warnings": []}
    monkeypatch.setattr(decode, "DECODERS", FixedDecoders((header, bytes(11))))
    with pytest.raises(PhotoError, match="decoding broke off"):
        decode_photo(b"x", "a.png", Settings())
