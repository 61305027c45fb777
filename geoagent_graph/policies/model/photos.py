"""Photos as the model sees them: JPEG within a pixel budget, whole or a part at full resolution."""

import io
import math
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

from geoagent_graph.policies.model.chat import Picture
from geoagent_graph.policies.options import PAPER_MAX_PIXELS
from geoagent_graph.protocols import Photo
from geoagent_graph.types import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_SIDE: Final = 28  # one image token of Qwen's vision tower
JPEG_QUALITY: Final = 90
_KEPT: Final = 128


class PhotoPrinter:
    """Turns photos into pictures for the model; the last ones are kept."""

    def __init__(self, max_pixels: int = PAPER_MAX_PIXELS) -> None:
        self.max_pixels = max_pixels
        self._kept: OrderedDict[tuple[str, Box | None], Picture] = OrderedDict()
        self._lock = Lock()

    def picture(self, photo: Photo, box: Box | None = None) -> Picture:
        """Return a photo, or the part of it in the box, within the pixel budget."""
        kept = self.find_picture(photo, box)
        if kept is not None:
            return kept
        picture = self._print_picture(photo, box)
        with self._lock:
            self._kept[photo.image.sha256, box] = picture
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return picture

    def find_picture(self, photo: Photo, box: Box | None = None) -> Picture | None:
        """Return a picture that was made before, without doing any work."""
        with self._lock:
            picture = self._kept.get((photo.image.sha256, box))
            if picture is not None:
                self._kept.move_to_end((photo.image.sha256, box))
            return picture

    def _print_picture(self, photo: Photo, box: Box | None) -> Picture:
        if box is not None:
            return Picture(encode(_cut_box(photo.pixels(), box), self.max_pixels))
        image = photo.image
        scale = math.sqrt(self.max_pixels / (image.width * image.height))
        longest = math.ceil(max(image.width, image.height) * min(1.0, scale))
        return Picture(encode(photo.pixels(longest), self.max_pixels))


def encode(pixels: "NDArray[np.uint8]", max_pixels: int) -> bytes:
    """Return RGB pixels, shape [height, width, 3], as JPEG of at most `max_pixels`.

    Tiny ones are enlarged until both sides have `MIN_SIDE`, which vision towers need.
    """
    from PIL import Image

    picture = Image.fromarray(pixels)
    scale = min(1.0, math.sqrt(max_pixels / (picture.width * picture.height)))
    scale = max(scale, MIN_SIDE / min(picture.size))
    if scale != 1.0:
        size = [max(MIN_SIDE, math.floor(side * scale)) for side in picture.size]
        most = max(MIN_SIDE, max_pixels // min(size))
        picture = picture.resize((min(size[0], most), min(size[1], most)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def _cut_box(pixels: "NDArray[np.uint8]", box: Box) -> "NDArray[np.uint8]":
    height, width = pixels.shape[:2]
    left, right = _pixel_span(box.left, box.right, width)
    top, bottom = _pixel_span(box.top, box.bottom, height)
    return pixels[top:bottom, left:right]


def _pixel_span(first: float, last: float, size: int) -> tuple[int, int]:
    """Return a pixel range of at least `MIN_SIDE` pixels where the photo has them."""
    start, end = sorted((int(first * size), math.ceil(last * size)))
    missing = max(0, min(MIN_SIDE, size) - (end - start))
    start = max(0, min(start - missing // 2, size - min(MIN_SIDE, size)))
    return start, min(size, max(end, start + min(MIN_SIDE, size)))
