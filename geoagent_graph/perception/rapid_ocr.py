"""Text boxes and their text by RapidOCR: PP-OCR models that ship with the package, one thread."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError

MAX_DETECTION_SIDE_PX = (
    1120  # longest side at which boxes are looked for; time grows with its square
)
MIN_SIDE_PX = 32  # smaller photos hold no text and upset the detector
MAX_BOXES = 60  # boxes that are read, the largest first
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}


@dataclass(frozen=True, slots=True)
class TextBox:
    """One detected line: its corners in pixels, clockwise from the top left, and its upright crop.

    `crop` is RGB, [height, width, 3]; `text` and `confidence` are what RapidOCR made of it.
    """

    corners: NDArray[np.float32]  # [4, 2] as x, y
    crop: NDArray[np.uint8]
    text: str
    confidence: float


class RapidEngine:
    """RapidOCR, loaded on first use; safe to share between threads."""

    def __init__(self, threads: int = 1, detection_max_side: int = MAX_DETECTION_SIDE_PX) -> None:
        self._threads = threads
        self._detection_max_side = detection_max_side
        self._lock = threading.Lock()
        self._detecting = threading.Lock()  # its activations take 200 MB: one photo at a time
        self._engine: Any = None

    def boxes(self, pixels: NDArray[np.uint8]) -> list[TextBox]:
        """Return the lines of text in an RGB photo, top to bottom, with RapidOCR's reading.

        Raises:
            ToolError: the models are missing or damaged, or the engine failed.
        """
        if min(pixels.shape[:2]) < MIN_SIDE_PX:
            return []
        engine = self._load_engine()
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError
        from rapidocr.main import RapidOCRError

        image = np.ascontiguousarray(pixels[:, :, ::-1])  # its models see blue first
        try:
            with self._detecting:
                corners = _largest_boxes(engine.detect_and_crop(image, {})[1].boxes)
        except RapidOCRError:  # its way to say that there is no text
            return []
        except ONNXRuntimeError as error:
            raise ToolError(
                "Text reading failed inside ONNX Runtime. Try a smaller photo."
            ) from error
        return self._read_boxes(engine, image, corners)

    def _read_boxes(
        self,
        engine: Any,
        image: NDArray[np.uint8],
        corners: NDArray[np.float32],
    ) -> list[TextBox]:
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

        try:
            upright, _ = engine.cls_and_rotate(engine.crop_text_regions(image, corners))
            output = engine.recognize_txt(upright)
        except ONNXRuntimeError as error:
            raise ToolError(
                "Text reading failed inside ONNX Runtime. Try a smaller photo."
            ) from error
        return [
            TextBox(box, np.ascontiguousarray(crop[:, :, ::-1]), text.strip(), float(score))
            for box, crop, text, score in zip(
                corners, upright, output.txts, output.scores, strict=True
            )
        ]

    def _load_engine(self) -> Any:
        with self._lock:
            if self._engine is None:
                self._engine = _new_engine(self._threads, self._detection_max_side)
            return self._engine


def _largest_boxes(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest boxes in their reading order."""
    if len(corners) <= MAX_BOXES:
        return corners
    heights = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    widths = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    kept = np.sort(np.argsort(-(heights * widths), kind="stable")[:MAX_BOXES])
    return corners[kept]


def _new_engine(threads: int, detection_max_side: int) -> Any:
    import rapidocr

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
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_type": "max",
        "Det.limit_side_len": detection_max_side,
    }
    parameters |= {f"{stage}.model_path": str(models / name) for stage, name in _MODELS.items()}
    return rapidocr.RapidOCR(params=parameters)
