"""The picture of a report is a fresh small JPEG, or none where the photo is gone."""

import base64
import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import PhotoError
from geoagent_graph.render.html.photo_data import jpeg_data_uri, photo_data_uri
from geoagent_graph.types import ImageRef
from tests.support.answers import porto_answer


def decode(uri: str) -> Image.Image:
    kind, _, content = uri.partition(",")
    assert kind == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(content, validate=True)))


@pytest.mark.parametrize(
    ("shape", "size"), [((3, 4), (4, 3)), ((10, 2560), (1280, 5)), ((2560, 10), (5, 1280))]
)
def test_the_longest_side_is_bounded(shape: tuple[int, int], size: tuple[int, int]) -> None:
    picture = decode(jpeg_data_uri(np.zeros((*shape, 3), np.uint8)))
    assert (picture.format, picture.size) == ("JPEG", size)
    assert not picture.getexif()


def test_colours_stay_in_their_order() -> None:
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    r, g, b = np.asarray(decode(jpeg_data_uri(red)).convert("RGB")).mean(axis=(0, 1))
    assert r > 240 > 15 > max(g, b)


def test_a_photo_that_is_gone_leaves_no_picture_but_a_defect_is_not_hidden() -> None:
    image = porto_answer().image

    def gone(image: ImageRef, max_side: int) -> NDArray[np.uint8]:
        raise PhotoError(f"{image.name} {max_side}: gone")

    def broken(image: ImageRef, max_side: int) -> NDArray[np.uint8]:
        raise ZeroDivisionError(f"{image.name} {max_side}")

    assert photo_data_uri(image, None) is None
    assert photo_data_uri(image, gone) is None
    with pytest.raises(ZeroDivisionError):
        photo_data_uri(image, broken)
