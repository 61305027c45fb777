"""Photos to vectors by an image tower: CLIP, SigLIP 2, DINOv2, and GeoCLIP upon CLIP."""

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.installation import extra_command
from geoagent_graph.perception.geoclip import DIMENSION, GeoClip
from geoagent_graph.perception.tower_folder import DIGEST_CHARS, TowerFolder
from geoagent_graph.weights.store import digest_of

_BATCH_PHOTOS: Final = 8  # bounds the memory of one run
NEEDED: Final = ("torch", "transformers")


class Tower(Protocol):
    """What turns inputs into features, however it is run."""

    def features(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features, [n, d], of inputs [n, 3, height, width]."""
        ...


class TowerEncoder:
    """A `VisualEncoder` over a folder of weights; loads at its first photo, thread-safe.

    Raises:
        InputError: what runs it is not installed; the message says how to get it.
    """

    def __init__(self, tower: TowerFolder, threads: int = 1) -> None:
        if tower.onnx_file is None:
            require_see(tower.kind)
        self.tower = tower
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: Tower | None = None

    @property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing; an index remembers it."""
        return self.tower.encoder_id

    @property
    def dimension(self) -> int:
        """Length of one embedding."""
        return self.tower.dimension

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), dimension], of RGB photos [height, width, 3].

        Raises:
            ToolError: the weights are damaged, have changed, or give no finite features.
        """
        return unit_rows(self.features(photos))

    def features(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return the tower's features as they are, shape [len(photos), dimension].

        Raises:
            ToolError: as `encode`.
        """
        found = np.empty((len(photos), self.dimension), np.float32)
        for start in range(0, len(photos), _BATCH_PHOTOS):
            batch = photos[start : start + _BATCH_PHOTOS]
            pictures = np.stack([self.tower.picture_input.apply(photo) for photo in batch])
            with self._lock:
                features = self._load_tower().features(pictures)
            if features.shape != (len(batch), self.dimension) or not np.isfinite(features).all():
                raise ToolError(f"{self.tower.folder}: gave no {self.dimension} finite features.")
            found[start : start + len(batch)] = features
        return found

    def _load_tower(self) -> Tower:
        if self._loaded is None:
            self.tower.require_unchanged()
            self._loaded = _open_tower(self.tower, self._threads)
        return self._loaded


class GeoClipEncoder:
    """A `VisualEncoder` into GeoCLIP's space: CLIP's features through GeoCLIP's head.

    Args:
        tower: CLIP ViT-L/14.
        weights: GeoCLIP's own, `geoclip.safetensors`.
        sha256: their digest as it was pinned.
    """

    def __init__(self, tower: TowerEncoder, weights: Path, sha256: str) -> None:
        self._tower, self._weights, self._sha256 = tower, weights, sha256
        self._lock = threading.Lock()
        self._model: GeoClip | None = None

    @property
    def encoder_id(self) -> str:
        """Name of the weights of both parts and the preprocessing."""
        return f"geoclip/{self._sha256[:DIGEST_CHARS]}/{self._tower.encoder_id}"

    @property
    def dimension(self) -> int:
        """Length of one embedding."""
        return DIMENSION

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), 512], of RGB photos [height, width, 3].

        Raises:
            ToolError: weights are missing, damaged or have changed.
        """
        features = self._tower.features(photos)
        with self._lock:
            if self._model is None:
                self._model = self._load_head()
            model = self._model
        return model.embed_photos(features)

    def _load_head(self) -> GeoClip:
        try:
            is_pinned = digest_of(self._weights) == self._sha256
        except OSError as error:
            raise ToolError(f"{self._weights}: cannot be read ({error.strerror})") from error
        if not is_pinned:
            raise ToolError(
                f"{self._weights}: is not what was pulled; `geoagent weights remove geoclip`, "
                "then pull it again."
            )
        return GeoClip(self._weights)


def require_see(name: str) -> None:
    """Refuse an encoder whose libraries are not installed.

    Raises:
        InputError: the message says how to get them.
    """
    missing = [module for module in NEEDED if importlib.util.find_spec(module) is None]
    if missing:
        raise InputError(
            f"the encoder {name} needs {' and '.join(missing)}: {extra_command('see')}"
        )


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return each row over its length."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.float32(1e-12)), np.float32)


def _open_tower(tower: TowerFolder, threads: int) -> Tower:
    if tower.onnx_file is not None:
        from geoagent_graph.perception.onnx_tower import OnnxTower

        return OnnxTower(tower.onnx_file, threads)
    from geoagent_graph.perception.transformers_tower import TransformersTower

    return TransformersTower(tower, threads)
