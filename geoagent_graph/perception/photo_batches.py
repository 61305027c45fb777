"""Photos through an encoder a few at a time, which bounds the memory of one run."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Photo = NDArray[np.uint8]
Vectors = NDArray[np.float32]


def encode_in_batches(
    photos: Sequence[Photo], size: int, dimension: int, encode: Callable[[Sequence[Photo]], Vectors]
) -> Vectors:
    """Return the vectors of all photos, shape [len(photos), dimension].

    Args:
        photos: RGB, [height, width, 3].
        size: how many are encoded at a time.
        dimension: length of one vector.
        encode: returns the vectors of one batch.
    """
    vectors = np.empty((len(photos), dimension), np.float32)
    for start in range(0, len(photos), size):
        batch = photos[start : start + size]
        vectors[start : start + len(batch)] = encode(batch)
    return vectors
