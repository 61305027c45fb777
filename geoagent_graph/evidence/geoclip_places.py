"""GeoCLIP as a model that sees: a photo's embedding against the embeddings of all towns."""

import hashlib
import threading
from collections import OrderedDict
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.evidence.geoclip_table import TownEmbeddings
from geoagent_graph.perception.geoclip import DIMENSION
from geoagent_graph.protocols import VisualEncoder

_MAX_KEPT: Final = 4  # photos; a run asks about its own a few times


class GeoClipPlaces:
    """A `PhotoPlaces`; thread-safe.

    Args:
        encoder: photos to unit vectors in GeoCLIP's space.
        towns: the embeddings of all towns.
    """

    def __init__(self, encoder: VisualEncoder, towns: TownEmbeddings) -> None:
        self._encoder = encoder
        self._towns = towns
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def places_id(self) -> str:
        """Name of the encoder, its weights among it."""
        return self._encoder.encoder_id

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the unit vector, [512], of an RGB photo [height, width, 3].

        Raises:
            ToolError: the weights are missing or damaged.
        """
        embedding: NDArray[np.float32] = self._encoder.encode([pixels])[0]
        return embedding

    def town_logs(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return GeoCLIP's score of every town: the cosine times its scale, shape [towns].

        Raises:
            ToolError: the embedding has another length.
        """
        if embedding.shape != (DIMENSION,):
            raise ToolError(f"GeoCLIP wants {DIMENSION} numbers of a photo.")
        key = hashlib.sha256(embedding.tobytes()).digest()
        with self._lock:
            if key not in self._kept:
                scores = self._towns.cosines(embedding) * np.float32(self._towns.scale)
                self._kept[key] = np.asarray(scores, np.float32)
            self._kept.move_to_end(key)
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
