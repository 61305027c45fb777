"""Files of other kinds are called by their name, with what to do."""

import re

import pytest

from geoagent_graph.images.formats import describe_raw, describe_refused


def boxes(*brands: bytes) -> bytes:
    body = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (boxes(b"heic", b"mif1"), "HEIC, which needs one more package: pip install"),
        (boxes(b"mif1", b"heic"), "HEIC"),
        (boxes(b"mif1", b"avif"), "AVIF, which this build of Pillow cannot read"),
        (boxes(b"avif", b"mif1"), "AVIF"),
        (boxes(b"isom", b"mp42"), "a video, not a photo.*position"),
        (b"\x1aE\xdf\xa3matroska", "a video"),
        (b"8BPS\0\1", "Photoshop document"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x00" * 40, "not a photo in a known format"),
    ],
)
def test_a_file_that_is_not_read_is_called_by_its_name(data: bytes, words: str) -> None:
    assert re.search(words, describe_refused(data))


def test_a_raw_file_without_a_preview_says_how_to_convert_it() -> None:
    assert describe_raw(boxes(b"crx ")).startswith("CR3, a camera's raw file, in which no JPEG")
    assert "darktable" in describe_raw(b"II*\0")
