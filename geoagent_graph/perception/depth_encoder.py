"""Photos to what places are learnt from: every depth of EfficientNet-Lite0, and colours.

Average and spread over the image plane of stem, seven stages and top, at 384 pixels, and how often
each colour is in the upper, middle and lower third. Tells parts of the world apart better than the
vectors that photos are searched with, and the same photo from another worse.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.cached_network import CachedNetwork, root_with_sign, unit_rows
from geoagent_graph.perception.efficientnet_onnx import (
    DEPTH_CHANNELS,
    DEPTH_SIDE_PX,
    build_depths_onnx,
)
from geoagent_graph.perception.photo_batches import encode_in_batches
from geoagent_graph.settings import Settings

ENCODER_ID: Final = "efficientnet-lite0-57934424/squeezed-384/mean+spread+colour/v1"
_MODEL_NAME: Final = "efficientnet-lite0-57934424-depths-v1"
MODEL_SHA256: Final = "13f91206a989059a7fafcbeba28e13de3378bef7ee9d22fe95ca8922c559d380"
_BATCH_PHOTOS: Final = 2  # bounds the memory of one run
_COLOUR_SIDE_PX: Final = 96
_BANDS: Final = 3
_HUES, _SATURATIONS, _VALUES = 8, 4, 4
_COLOURS: Final = _HUES * _SATURATIONS * _VALUES


class DepthEncoder:
    """A `VisualEncoder` of places; cheap to build, loads on first use, thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._network = CachedNetwork(_MODEL_NAME, MODEL_SHA256, build_depths_onnx, settings)

    @property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing; an index remembers it."""
        return ENCODER_ID

    @property
    def dimension(self) -> int:
        """Length of one vector."""
        return 2 * sum(DEPTH_CHANNELS) + _BANDS * _COLOURS

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), dimension], of RGB photos [height, width, 3].

        Raises:
            ToolError: the weights are missing or damaged.
        """
        return encode_in_batches(photos, _BATCH_PHOTOS, self.dimension, self._encode_batch)

    def _encode_batch(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        outputs = self._network.run(photos, DEPTH_SIDE_PX, ["mean", "spread"])
        edges = np.cumsum(DEPTH_CHANNELS)[:-1]
        parts = [
            unit_rows(root_with_sign(depth))
            for output in outputs
            for depth in np.split(output, edges, axis=1)
        ]
        colours = np.stack([_colour_roots(photo) for photo in photos])
        return unit_rows(np.concatenate([*parts, colours], axis=1))


def _colour_roots(photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the roots of the shares of 128 colours in each third, shape [384], of length 1."""
    from PIL import Image

    square = (_COLOUR_SIDE_PX, _COLOUR_SIDE_PX)
    small = Image.fromarray(photo).resize(square, Image.Resampling.BICUBIC, reducing_gap=3.0)
    hue, saturation, value = np.asarray(small.convert("HSV"), np.int64).transpose(2, 0, 1)
    number = (hue * _HUES // 256 * _SATURATIONS + saturation * _SATURATIONS // 256) * _VALUES
    bands = np.split(number + value * _VALUES // 256, _BANDS)
    counts = np.concatenate([np.bincount(band.ravel(), minlength=_COLOURS) for band in bands])
    return np.asarray(np.sqrt(counts / counts.sum()), np.float32)
