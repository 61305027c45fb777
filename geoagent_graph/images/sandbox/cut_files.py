"""Pixels of a photo whose file breaks off: what is there is read, what is missing is measured."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoagent_graph.images.sandbox.refused import Refused

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MIN_SHARE_READ = 0.25  # a smaller part of a photo is taken for a damaged file
MIN_GREY_SHARE = 0.01  # of the height: a narrow grey line at the bottom is a border
MIN_GREY_ROWS = 2  # what one row of blocks is at an eighth of the size
_FILLING = 128  # what libjpeg fills in for what it did not get
_BAND_ROWS = 16


@dataclass(frozen=True, slots=True)
class Missing:
    """Which share of a picture is missing at its end, 0 to 1; a guess where the file is whole."""

    share: float
    is_guess: bool = False


def load_pixels(open_image: "Callable[[], ImageFile]") -> "tuple[ImageFile, Missing | None]":
    """Return the photo with its pixels, and which share of them is missing at its end.

    None for a whole file; the share is 0.0 for one that lacks no more than its last bytes. A JPEG
    that was cut and closed again looks whole, but for the grey that decoders fill in.

    Raises:
        Refused: too little of the photo is there.
        OSError: it is damaged otherwise.
    """
    image = open_image()
    try:
        image.load()
    except OSError as error:
        if "truncated" not in str(error) or image.im is None:
            raise
    else:
        return image, _grey_tail(image)
    rows, end_row = _count_rows(image)
    del image  # two photos of the largest size would not fit
    with _read_on():
        image = open_image()
        image.load()
    if image.format in {"JPEG", "MPO"}:
        rows = _last_row_read(image, end_row)
    missing = 1.0 - rows / image.height
    if 1.0 - missing < MIN_SHARE_READ:
        raise Refused("damaged")
    return image, Missing(missing)


def _grey_tail(image: "ImageFile") -> Missing | None:
    """Return the share of a JPEG that is filling at its end; None where something is there."""
    if image.format not in {"JPEG", "MPO"}:
        return None
    share = 1.0 - _last_row_read(image, 0) / image.height
    is_tail = MIN_GREY_SHARE <= share < 1.0 and share * image.height >= MIN_GREY_ROWS
    return Missing(share, is_guess=True) if is_tail else None


@contextmanager
def _read_on() -> Iterator[None]:
    """Have Pillow take a file that breaks off."""
    from PIL import ImageFile

    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _count_rows(image: "ImageFile") -> tuple[int, int]:
    """Return how many rows were read, and the one after the last: rows that were not are black."""
    box = image.im.getbbox()
    if box is None:
        return 0, 0
    _, first, _, end = box
    if image.format == "GIF" or image.info.get("interlace"):  # rows are not in their order
        image.tile = []
        rows = (image.crop((0, row, image.width, row + 1)).im for row in range(first, end))
        return sum(row.getbbox() is not None for row in rows), end
    return end - first, end


def _last_row_read(image: "Image", known_rows: int) -> int:
    """Return the row after the last that is more than filling; `known_rows` were surely read."""
    end = image.height
    while end > known_rows:
        start = max(known_rows, end - _BAND_ROWS)
        band = image.crop((0, start, image.width, end))
        extrema = band.getextrema()
        pairs = extrema if isinstance(extrema[0], tuple) else (extrema,)
        if any(pair != (_FILLING, _FILLING) for pair in pairs):
            return end
        end = start
    return end
