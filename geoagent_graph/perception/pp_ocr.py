"""Text in scripts that were pulled: PP-OCRv5 recognisers of one script each, in ONNX Runtime.

A line is resized to 48 pixels of height, its values to [-1, 1]; each column gets a character or a
blank, and what repeats is one character (CTC). The alphabet is in the model's own metadata.
"""

import contextlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.script import letter_script
from geoagent_graph.perception.tesseract import ScriptReading, tidy

if TYPE_CHECKING:
    from geoagent_graph.weights.recognisers import RecogniserFile

MAX_LOADED_MODELS: Final = 3  # in memory, 20 to 40 MB each, unless all are kept
MIN_WIDTH_PX: Final = 320  # a shorter line is padded: what the models were trained with
MAX_WIDTH_PX: Final = 3200  # a longer line is squeezed
_HEIGHT_PX: Final = 48
_MAX_CHARACTERS: Final = 50_000
_RIGHT_TO_LEFT: Final = frozenset({"Arab"})
_LEFT_TO_RIGHT_RUN: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z .,:/+%-]*[0-9A-Za-z])?")


class RecogniserEngine:
    """The pulled recognisers, loaded on first use; safe to share between threads."""

    def __init__(self, files: "Mapping[str, RecogniserFile]", threads: int = 1) -> None:
        self._files = files
        self._threads = threads
        self._loaded: OrderedDict[str, _Recogniser] = OrderedDict()
        self._most_loaded = MAX_LOADED_MODELS
        self._lock = threading.Lock()

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that are read."""
        return tuple(self._files)

    def keep_models(self) -> None:
        """Load all models now and keep them: forks of this process share them."""
        with self._lock:
            self._most_loaded = max(MAX_LOADED_MODELS, len(self._files))
            for script in self._files:
                with contextlib.suppress(ToolError):  # it is raised where a line asks for the model
                    self._model_of(script)

    def read(self, strips: Iterable[Image.Image], script: str) -> ScriptReading:
        """Return the best reading of one line among its strips with the model of one script.

        Raises:
            ToolError: the model is damaged or cannot be loaded, or it failed.
        """
        with self._lock:
            model = self._model_of(script)
        readings = [_script_reading(*model.read(strip), script) for strip in strips]
        return max(readings, key=lambda reading: (reading.letters > 0, reading.confidence))

    def _model_of(self, script: str) -> "_Recogniser":
        if script not in self._loaded:
            while len(self._loaded) >= self._most_loaded:
                self._loaded.popitem(last=False)
            self._loaded[script] = _Recogniser(self._files[script], self._threads)
        self._loaded.move_to_end(script)
        return self._loaded[script]


class _Recogniser:
    """One model; ONNX Runtime's sessions may be shared between threads."""

    def __init__(self, file: "RecogniserFile", threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        path = file.require_sound()
        faults: tuple[type[Exception], ...] = (*_runtime_faults(), KeyError)
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            alphabet = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        except faults as error:
            raise ToolError(
                f"{path}: cannot be loaded as a recogniser. Pull {file.name} again."
            ) from error
        self._name = file.name
        self._input = self._session.get_inputs()[0].name
        self._alphabet = ["", *alphabet[:_MAX_CHARACTERS], " "]

    def read(self, strip: Image.Image) -> tuple[str, float]:
        """Return the text of a gray line and how sure the model is of it, in [0, 1].

        Raises:
            ToolError: the model failed, or gives something else than characters.
        """
        try:
            shares = np.asarray(self._session.run(None, {self._input: _prepare_line(strip)})[0])
        except _runtime_faults() as error:
            raise ToolError(f"{self._name}: text reading failed inside ONNX Runtime.") from error
        if shares.ndim != 3 or shares.shape[2] != len(self._alphabet):
            raise ToolError(f"{self._name}: gives no characters of its alphabet. Pull it again.")
        return decode_characters(shares[0], self._alphabet)


def _runtime_faults() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises: its classes have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.EPFail, state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf,
        state.NoSuchFile, state.NotImplemented, state.RuntimeException, RuntimeError, ValueError,
    )  # fmt: skip


def _prepare_line(strip: Image.Image) -> NDArray[np.float32]:
    """Return a gray line as the model takes it: [1, 3, 48, width], padded on the right."""
    width = round(_HEIGHT_PX * strip.width / strip.height)
    width = min(MAX_WIDTH_PX, max(1, width))
    line = strip.convert("L").resize((width, _HEIGHT_PX), Image.Resampling.BILINEAR)
    values = np.asarray(line, np.float32) / 127.5 - 1.0
    padded = np.zeros((1, 3, _HEIGHT_PX, max(MIN_WIDTH_PX, width)), np.float32)
    padded[..., :width] = values
    return padded


def decode_characters(shares: NDArray[np.float32], alphabet: list[str]) -> tuple[str, float]:
    """Return the text of the columns' characters, [columns, characters], and its confidence.

    The first character of the alphabet is the blank.
    """
    best = shares.argmax(axis=1)
    is_new = np.ones(len(best), bool)
    is_new[1:] = best[1:] != best[:-1]
    kept = is_new & (best != 0)
    if not kept.any():
        return "", 0.0
    confidence = float(np.mean(shares.max(axis=1)[kept]))
    if not np.isfinite(confidence):
        return "", 0.0
    return "".join(alphabet[index] for index in best[kept]), min(1.0, max(0.0, confidence))


def _script_reading(text: str, confidence: float, script: str) -> ScriptReading:
    ordered = logical_order(text) if script in _RIGHT_TO_LEFT else text
    line = tidy(ordered, script)
    letters = sum(letter_script(character) == script for character in line)
    return ScriptReading(line, confidence, script, letters, recogniser="pp-ocr")


def logical_order(text: str) -> str:
    """Return a line as it is read, where its characters were found from left to right.

    Numbers and Latin words in it run the other way and stay as they are.
    """
    return _LEFT_TO_RIGHT_RUN.sub(lambda run: run[0][::-1], text[::-1])
