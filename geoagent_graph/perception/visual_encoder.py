"""Photos to vectors: EfficientNet-Lite0 in ONNX Runtime, no torch.

Good for finding the same place or a look-alike in a collection; as a locator of unknown places it
is barely better than chance. What an index learns of places it learns from another view of the
same weights, `place_encoder`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.cached_network import CachedNetwork, root_with_sign, unit_rows
from geoagent_graph.perception.depth_encoder import DepthEncoder
from geoagent_graph.perception.efficientnet_onnx import (
    INPUT_SIDE_PX,
    MIDDLE_CHANNELS,
    TOP_CHANNELS,
    build_onnx,
)
from geoagent_graph.perception.photo_batches import encode_in_batches
from geoagent_graph.settings import Settings

ENCODER_ID = "efficientnet-lite0-57934424/squeezed-224/sqrt-top+middle/v1"
_MODEL_NAME = "efficientnet-lite0-57934424-v1"  # the file name goes on with its SHA-256
MODEL_SHA256 = "eb05f28efb333f27ae36634da45ec7017e40036c5c1b3fb11b1abd2624feed0f"
"""Of what `build_onnx` makes of these weights: nothing else is read from the cache. A release of
`onnx` that writes it in other bytes costs the time to build it in every process, no more."""
_BATCH_PHOTOS = 8  # bounds the memory of one run
_MIDDLE_WEIGHT = 0.5  # of the middle features against the top ones; chosen by same-place recall


class EfficientNetEncoder:
    """A `VisualEncoder`; cheap to build, loads on first use, thread-safe.

    The ONNX file is made once in the cache folder; one that has not the SHA-256 that stands here
    is never loaded.
    """

    def __init__(self, settings: Settings) -> None:
        self._network = CachedNetwork(_MODEL_NAME, MODEL_SHA256, build_onnx, settings)
        self._place_encoder = DepthEncoder(settings)

    @property
    def place_encoder(self) -> DepthEncoder:
        """What an index learns places with."""
        return self._place_encoder

    @property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing; an index remembers it."""
        return ENCODER_ID

    @property
    def dimension(self) -> int:
        """Length of one embedding."""
        return TOP_CHANNELS + MIDDLE_CHANNELS

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), dimension], of RGB photos [height, width, 3].

        Raises:
            ToolError: the weights are missing or damaged.
        """
        return encode_in_batches(photos, _BATCH_PHOTOS, self.dimension, self._encode_batch)

    def _encode_batch(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        middle, top = self._network.run(photos, INPUT_SIDE_PX, ["middle", "top"])
        # Square roots: otherwise a few strong channels decide every comparison.
        parts = [
            unit_rows(root_with_sign(top)),
            _MIDDLE_WEIGHT * unit_rows(root_with_sign(middle)),
        ]
        return unit_rows(np.concatenate(parts, axis=1))


def open_visual_encoder(settings: Settings) -> EfficientNetEncoder:
    """Return the default `VisualEncoder`; nothing is loaded before its first photo."""
    return EfficientNetEncoder(settings)
