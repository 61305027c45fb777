"""What a picture shows in 64 bits and a thumbnail: near copies differ little in both.

The hash is the DCT hash as it is commonly defined (Zauner, "Implementation and Benchmarking of
Perceptual Image Hash Functions", 2010): grey, 32 x 32, the lowest 8 x 8 cosine terms, one bit per
term that is above their median.
"""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE_PX: Final = 32
TERMS: Final = 8
THUMB_SIDE_PX: Final = 16
THUMB_PIXELS: Final = THUMB_SIDE_PX**2


def picture_hash(grey: "Image") -> int:
    """Return the 64-bit DCT hash of a grey picture, the lowest frequency in the highest bit."""
    terms = dctn(_shrunk(grey, SIDE_PX).astype(np.float64), type=2)[:TERMS, :TERMS]
    bits = (terms > np.median(terms)).ravel()
    return int(np.packbits(bits).view(">u8")[0])


def thumbnail(grey: "Image") -> NDArray[np.uint8]:
    """Return a grey picture as 256 pixels."""
    pixels: NDArray[np.uint8] = _shrunk(grey, THUMB_SIDE_PX).ravel()
    return pixels


def hamming_distance(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return in how many of 64 bits hashes differ; the shapes broadcast."""
    bits: NDArray[np.uint8] = np.bitwise_count(one ^ other)
    return bits


def correlation(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how alike thumbnails [n, 256] are, -1 to 1, whatever their light and contrast.

    A thumbnail of one grey is like nothing: 0.
    """
    a = one.astype(np.float32) - one.mean(axis=1, keepdims=True, dtype=np.float32)
    b = other.astype(np.float32) - other.mean(axis=1, keepdims=True, dtype=np.float32)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    alike = np.divide((a * b).sum(axis=1), size, out=np.zeros_like(size), where=size > 0)
    found: NDArray[np.float64] = alike.astype(np.float64)
    return found


def _shrunk(grey: "Image", side_px: int) -> NDArray[np.uint8]:
    from PIL.Image import Resampling

    return np.asarray(grey.resize((side_px, side_px), Resampling.LANCZOS), dtype=np.uint8)
