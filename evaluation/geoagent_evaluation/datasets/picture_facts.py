"""What is measured of one picture file: its digest, its hash, and whether it shows anything."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_evaluation.datasets.picture_hash import picture_hash, thumbnail
from geoagent_evaluation.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
MAX_FILE_BYTES: Final = 100_000_000
MAX_PIXELS: Final = 120_000_000
DRAFT_SIDE_PX: Final = 512  # a JPEG is decoded no larger than needed
SAMPLE_SIDE_PX: Final = 64
# Measured over 1,252 photos: none has fewer than 50 colours of four bits a channel in 64 x 64
# pixels, or more than 69 % of them in one; grey tiles with a line of text have 6 to 11, and 92 %.
MIN_COLOURS: Final = 25
MAX_SINGLE_COLOUR: Final = 0.85
MIN_SIDE_PX: Final = 32


class UnreadablePicture(ValueError):
    """Why a file is no picture that is read: one clause."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """One picture: SHA-256 of its file, 64-bit hash, 256 grey pixels, size.

    `blank_because` says why it shows nothing, empty where it does.
    """

    sha256: str
    hash64: int
    thumb: NDArray[np.uint8]
    width_px: int
    height_px: int
    blank_because: str


def measure_picture(path: Path) -> PictureFacts:
    """Return what is measured of a picture file.

    Raises:
        UnreadablePicture: missing, too large, of no known format, damaged.
        DatasetError: Pillow is not installed.
    """
    digest = _digest(path)
    with _decoded(path) as picture:
        width, height = picture.size
        if picture.format == "JPEG":
            picture.draft(picture.mode, (DRAFT_SIDE_PX, DRAFT_SIDE_PX))
        grey = picture.convert("L")
        blank = _blank_because(picture, width, height)
        return PictureFacts(digest, picture_hash(grey), thumbnail(grey), width, height, blank)


def _digest(path: Path) -> str:
    try:
        if not path.is_file():
            raise UnreadablePicture("is no file")  # a pipe would be waited for
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadablePicture(f"has more than {MAX_FILE_BYTES} bytes")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadablePicture(error.strerror or "cannot be read") from error


@contextmanager
def _decoded(path: Path) -> Iterator["Image"]:
    """Yield a picture whose head was read and whose size is bounded; decoding faults are told."""
    try:
        from PIL import Image
    except ImportError as error:
        raise DatasetError(
            "pictures are looked at with Pillow, which is missing: pip install pillow"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise UnreadablePicture(f"has more than {MAX_PIXELS} pixels")
                yield picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, UnreadablePicture):
            raise
        raise UnreadablePicture("is no picture that can be decoded") from error


def _blank_because(picture: "Image", width: int, height: int) -> str:
    if min(width, height) < MIN_SIDE_PX:
        return f"{width} x {height} pixels are no photo"
    colours, largest = _colours(picture)
    if colours < MIN_COLOURS and largest > MAX_SINGLE_COLOUR:
        return f"{colours} colours, {largest:.0%} of it in one"
    return ""


def _colours(picture: "Image") -> tuple[int, float]:
    """Return how many colours of 4 bits a channel a sample has, and the share of the commonest."""
    from PIL.Image import Resampling

    sample = picture.convert("RGB").resize((SAMPLE_SIDE_PX, SAMPLE_SIDE_PX), Resampling.NEAREST)
    channels = np.asarray(sample, dtype=np.uint16).reshape(-1, 3) >> 4
    keys = channels[:, 0] << 8 | channels[:, 1] << 4 | channels[:, 2]
    counts = np.bincount(keys)
    return int((counts > 0).sum()), float(counts.max() / keys.size)
