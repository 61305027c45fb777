"""A photo whose pixels are refused does not lose its position silently."""

import pytest

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.refused_photo import decode_or_tell_position
from geoagent_graph.settings import Settings
from tests.support.photo_files import GPS, exif_bytes, photo, xmp_position

EXIF = exif_bytes(GPS)
WORDS = r"Its metadata claim the position -33\.44890, -70\.66930\.$"
SMALL = Settings(max_pixels=10_000)


@pytest.mark.parametrize(
    "data",
    [
        photo("PNG", (200, 100), exif=EXIF),
        photo("WEBP", (200, 100), exif=EXIF),
        photo("JPEG", exif=EXIF)[:-500],
        b"\0\0\0\x18ftypheic" + bytes(40) + EXIF,
    ],
    ids=["too large PNG", "too large WebP", "cut JPEG", "HEIC"],
)
def test_the_message_says_the_position(data: bytes) -> None:
    with pytest.raises(PhotoError, match=WORDS):
        decode_or_tell_position(data, "a", SMALL)


def test_also_the_position_of_the_file_beside_it() -> None:
    with pytest.raises(PhotoError, match=WORDS):
        decode_or_tell_position(b"no photo", "a", SMALL, xmp_position())


def test_without_a_position_the_message_is_as_it_was() -> None:
    with pytest.raises(PhotoError, match=r"Give the photo itself\.$"):
        decode_or_tell_position(b"no photo", "a", SMALL)
