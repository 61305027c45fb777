"""Pictures within the pixel budget: whole, in part, tiny, long; and each made once."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.policies.model.photos import PhotoPrinter, encode
from geoagent_graph.protocols import Photo
from geoagent_graph.testing.scripted import MemoryImages
from geoagent_graph.types import Box, ImageRef


class StripedImages(MemoryImages):
    """Photos whose left half is black and whose right half is white; counts what is read."""

    reads = 0

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        self.reads += 1
        pixels = np.zeros((image.height, image.width, 3), np.uint8)
        pixels[:, image.width // 2 :] = 255
        return pixels


def size_of(jpeg: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(jpeg)).size


def striped_photo(width: int, height: int) -> Photo:
    image = ImageRef(
        sha256="sha256:" + "0" * 64, width=width, height=height, name="p", format="PNG"
    )
    return Photo(image, StripedImages())


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (400, 100, (400, 100)),  # exactly the budget: as it is
        (800, 200, (400, 100)),  # four times the budget: half of each side
        (14, 7, (56, 28)),  # a vision tower needs 28 pixels
    ],
)
def test_a_picture_keeps_its_form_within_the_budget(
    width: int, height: int, wanted: tuple[int, int]
) -> None:
    assert size_of(encode(np.zeros((height, width, 3), np.uint8), 40_000)) == wanted


@pytest.mark.parametrize(("width", "height"), [(9000, 3), (3, 9000), (1, 1), (5000, 5000)])
def test_no_picture_is_above_the_budget_or_below_the_smallest_side(width: int, height: int) -> None:
    size = size_of(encode(np.zeros((height, width, 3), np.uint8), 40_000))
    assert min(size) >= 28
    assert size[0] * size[1] <= 40_000


def test_a_part_is_cut_out_where_the_box_says() -> None:
    right = Box(left=0.6, top=0.0, right=1.0, bottom=1.0)
    jpeg = PhotoPrinter().picture(striped_photo(200, 100), right).jpeg
    assert size_of(jpeg) == (80, 100)
    assert np.asarray(Image.open(io.BytesIO(jpeg))).min() > 250


def test_a_part_without_width_is_widened_within_the_photo() -> None:
    corner = Box(left=1.0, top=1.0, right=1.0, bottom=1.0)
    assert size_of(PhotoPrinter().picture(striped_photo(200, 100), corner).jpeg) == (28, 28)


def test_a_picture_is_made_once_and_found_again() -> None:
    images = StripedImages()
    photo = Photo(striped_photo(40, 40).image, images)
    printer = PhotoPrinter()
    assert printer.find_picture(photo) is None
    first = printer.picture(photo)
    assert printer.picture(photo) is printer.find_picture(photo) is first
    assert images.reads == 1
