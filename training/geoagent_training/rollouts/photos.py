"""Photos of the current rollouts, by content: the graph's `ImageStore` over pictures in memory."""

import hashlib
import io
from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError
from geoagent_graph.protocols import OpenedPhoto
from geoagent_graph.types import ImageRef

_MAX_PHOTOS: Final = 512


class TrainingPhotos:
    """The last photos that were put in; thread-safe."""

    def __init__(self) -> None:
        self._pixels: OrderedDict[str, NDArray[np.uint8]] = OrderedDict()
        self._lock = Lock()

    def put(self, picture: Any) -> ImageRef:
        """Keep a PIL picture and return its reference."""
        pixels = np.asarray(picture.convert("RGB"))
        digest = "sha256:" + hashlib.sha256(pixels.tobytes()).hexdigest()
        with self._lock:
            self._pixels[digest] = pixels
            self._pixels.move_to_end(digest)
            while len(self._pixels) > _MAX_PHOTOS:
                self._pixels.popitem(last=False)
        height, width = pixels.shape[:2]
        return ImageRef(sha256=digest, width=width, height=height, name="photo", format="PNG")

    def open(self, source: Path | bytes, name: str | None = None) -> OpenedPhoto:
        """Keep a photo from a file or from bytes.

        Raises:
            PhotoError: it does not decode.
        """
        from PIL import Image

        try:
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
                return OpenedPhoto(self.put(picture))
        except (OSError, ValueError, SyntaxError) as error:
            raise PhotoError(f"{name or 'photo'}: not a photo: {error}") from error

    def pixels(self, image: ImageRef, max_side: int | None = None) -> NDArray[np.uint8]:
        """Return a photo as RGB, at most `max_side` long."""
        from PIL import Image

        pixels = self._pixels[image.sha256]
        if max_side is None or max(pixels.shape[:2]) <= max_side:
            return pixels
        picture = Image.fromarray(pixels)
        picture.thumbnail((max_side, max_side))
        return np.asarray(picture)

    def original(self, image: ImageRef) -> bytes:
        """Return a photo as PNG."""
        from PIL import Image

        return png_bytes(Image.fromarray(self._pixels[image.sha256]))


def png_bytes(picture: Any) -> bytes:
    """Return a PIL picture as PNG, quickly rather than small."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@cache
def training_photos() -> TrainingPhotos:
    """Return the photos of this process."""
    return TrainingPhotos()
