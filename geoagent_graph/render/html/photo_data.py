"""The photo inside a report: a small fresh JPEG, without the metadata of the original."""

import base64
import io
from typing import TYPE_CHECKING

from geoagent_graph.errors import PhotoError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.cases.view import Pixels
    from geoagent_graph.types import ImageRef

JPEG_QUALITY = 82
MAX_SIDE = 1280


def jpeg_data_uri(pixels: "NDArray[np.uint8]") -> str:
    """Return RGB pixels, shape [height, width, 3], as a `data:image/jpeg` URI.

    The longest side is at most `MAX_SIDE` pixels, and nothing of the file's metadata is kept.
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def photo_data_uri(image: "ImageRef", pixels: "Pixels | None") -> str | None:
    """Return a photo as a `data:` URI, None where it is not at hand: gone, or changed since."""
    if pixels is None:
        return None
    try:
        return jpeg_data_uri(pixels(image, MAX_SIDE))
    except PhotoError:
        return None
