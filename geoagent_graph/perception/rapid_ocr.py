"""Text boxes and their text by RapidOCR: PP-OCR models that ship with the package, one thread."""

import contextlib
import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.arena_session import (
    give_back_arena,
    open_session,
    shrink_arena,
)
from geoagent_graph.perception.line_reading import (
    LINE_HEIGHT_PX,
    MAX_LINE_WIDTH_PX,
    MAX_PIECES,
    MIN_BATCH_WIDTH_PX,
    cut_out,
    read_lines,
)
from geoagent_graph.perception.text_detector import FoundLines, find_lines

MAX_DETECTION_SIDE_PX = (
    1120  # longest side at which boxes are looked for; time grows with its square
)
MIN_SIDE_PX = 32  # smaller photos hold no text and upset the detector
MAX_BOXES = 60  # boxes that are read, the largest first
MAX_READ_WIDTH_PX = 30_000  # of all boxes as they are read, 48 pixels high: 4 s of one core
_DOWNLOADS = "default_models.yaml"
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


@dataclass(frozen=True, slots=True)
class TextBox:
    """One detected line: its corners in pixels, clockwise from the top left, and its upright crop.

    `crop` is RGB, [height, width, 3]; `text` and `confidence` are what RapidOCR made of it, `score`
    says how sure its detector is that there is text at all.
    """

    corners: NDArray[np.float32]  # [4, 2] as x, y
    crop: NDArray[np.uint8]
    text: str
    confidence: float
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class FoundText:
    """The lines that were read, top to bottom, and how many more were found and left out."""

    boxes: tuple[TextBox, ...] = ()
    left_out: int = 0


class RapidEngine:
    """RapidOCR, loaded on first use; safe to share between threads."""

    def __init__(self, threads: int = 1, detection_max_side: int = MAX_DETECTION_SIDE_PX) -> None:
        self._threads = threads
        self._detection_max_side = detection_max_side
        self._lock = threading.Lock()
        self._detecting = threading.Lock()  # its activations take 200 MB: one photo at a time
        self._engine: Any = None
        self._models: dict[str, Any] = {}

    def boxes(self, pixels: NDArray[np.uint8]) -> FoundText:
        """Return the lines of text in an RGB photo, top to bottom, with RapidOCR's reading.

        Raises:
            ToolError: the models are missing or damaged, or the engine failed.
        """
        if min(pixels.shape[:2]) < MIN_SIDE_PX:
            return FoundText()
        with self._reading():
            with self._detecting:
                found = find_lines(self.detector(), pixels)
            return self._read_boxes(pixels, found)

    def detector(self) -> Any:
        """Return RapidOCR's detector of lines, loaded.

        Raises:
            ToolError: its model is missing or damaged.
        """
        return self._load_model("Det")

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[tuple[str, float]]:
        """Return text and confidence of lines that were cut out by hand, RGB and upright.

        Raises:
            ToolError: the models are missing or damaged, or the engine failed.
        """
        with self._reading():
            self._load_model("Rec")
            blue_first = [np.ascontiguousarray(crop[:, :, ::-1]) for crop in crops]
            return read_lines(self._engine, blue_first)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Give the arena back at the end, and say in words that ONNX Runtime failed."""
        detector = self.detector()  # imports RapidOCR
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

        try:
            yield
        except ONNXRuntimeError as error:
            raise ToolError(
                "Text reading failed inside ONNX Runtime. Try a smaller photo."
            ) from error
        finally:
            give_back_arena(detector.session.session)

    def _load_model(self, stage: Literal["Det", "Cls", "Rec"]) -> Any:
        """Return one of RapidOCR's three models, loaded once."""
        with self._lock:
            if self._engine is None:
                self._engine = _new_engine(self._detection_max_side)
            if stage not in self._models:
                if stage == "Rec" and "Det" in self._models:  # 50 MB at the peak of one photo
                    shrink_arena(self._models["Det"].session.session)
                self._models[stage] = _load_into(self._engine, stage, self._threads)
            return self._models[stage]

    def _read_boxes(self, pixels: NDArray[np.uint8], found: FoundLines) -> FoundText:
        kept = largest_boxes(found.corners)
        if len(kept) == 0:
            return FoundText()
        self._load_model("Cls")
        crops = [cut_out(pixels, found.corners[index]) for index in kept]
        upright, _ = self._engine.cls_and_rotate(crops)
        self._load_model("Rec")
        boxes = [
            TextBox(
                found.corners[index],
                np.ascontiguousarray(crop[:, :, ::-1]),
                text,
                confidence,
                float(found.scores[index]),
            )
            for index, crop, (text, confidence) in zip(
                kept, upright, read_lines(self._engine, upright), strict=True
            )
        ]
        return FoundText(tuple(boxes), len(found.corners) - len(kept))


@lru_cache(maxsize=2)
def shared_engine(threads: int) -> RapidEngine:
    """Return the one engine of this process with so many threads; its models load once."""
    return RapidEngine(threads)


def largest_boxes(corners: NDArray[np.float32]) -> list[int]:
    """Return the indices of the boxes that are read, in their order: the largest that fit."""
    heights = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    widths = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    by_size = np.argsort(-(heights * widths), kind="stable")[:MAX_BOXES]
    longer, shorter = np.maximum(heights, widths), np.maximum(1.0, np.minimum(heights, widths))
    read_widths = np.maximum(MIN_BATCH_WIDTH_PX, LINE_HEIGHT_PX * longer / shorter)
    read_widths = np.minimum(read_widths, MAX_PIECES * MAX_LINE_WIDTH_PX)
    fits = np.cumsum(read_widths[by_size]) <= MAX_READ_WIDTH_PX
    return sorted(int(index) for index in by_size[fits])


def import_rapidocr() -> Any:
    """Return the package, imported without reading its table of 171 models to download: 0.4 s.

    The paths of all models are given, so the table is never looked at.
    """
    if "rapidocr.main" in sys.modules:
        return sys.modules["rapidocr"]
    configs: Any = importlib.import_module("omegaconf").OmegaConf
    load = configs.load

    def load_but_models(path: Any) -> Any:
        return configs.create({}) if Path(path).name == _DOWNLOADS else load(path)

    configs.load = staticmethod(load_but_models)
    try:
        importlib.import_module("rapidocr.main")  # the package itself imports it late
        return importlib.import_module("rapidocr")
    finally:
        configs.load = staticmethod(load)


def _new_engine(detection_max_side: int) -> Any:
    rapidocr = import_rapidocr()
    models = Path(rapidocr.__file__).parent / "models"
    missing = [name for name in _MODELS.values() if not (models / name).is_file()]
    if missing:  # else RapidOCR would download it
        raise ToolError(
            f"RapidOCR's model {missing[0]} is missing. Reinstall the package rapidocr."
        )
    parameters: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.use_vertical_padding": False,
        "Global.model_root_dir": str(models),
        "Det.limit_type": "max",
        "Det.limit_side_len": detection_max_side,
    }
    parameters |= {f"{stage}.model_path": str(models / name) for stage, name in _MODELS.items()}
    return rapidocr.RapidOCR(params=parameters)


def _load_into(engine: Any, stage: str, threads: int) -> Any:
    """Load one of RapidOCR's models with a session of ours, which its configuration may hold."""
    flag_override = importlib.import_module("omegaconf").flag_override
    choices = engine.cfg[stage]
    with flag_override(choices, "allow_objects", True):
        choices.session = open_session(Path(choices.model_path), threads)
    model = getattr(engine, f"_load_{stage.lower()}_model")()
    if stage == "Det":
        shrink_arena(model.session.session)  # from here on the arena is one large piece
    return model
