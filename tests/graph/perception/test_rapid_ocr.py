"""Text boxes: which are read, and what happens when the engine is not whole."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception import rapid_ocr
from geoagent_graph.perception.line_reading import LINE_HEIGHT_PX, MAX_LINE_WIDTH_PX
from geoagent_graph.perception.rapid_ocr import (
    MAX_BOXES,
    MAX_READ_WIDTH_PX,
    MIN_SIDE_PX,
    FoundText,
    RapidEngine,
    largest_boxes,
)


def box(left: float, width: float, height: float = 10.0) -> list[list[float]]:
    right = left + width
    return [[left, 0.0], [right, 0.0], [right, height], [left, height]]


def test_a_photo_too_small_for_text_loads_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(side: int) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(rapid_ocr, "_new_engine", refuse)
    photo = np.zeros((MIN_SIDE_PX - 1, 500, 3), np.uint8)
    assert RapidEngine().boxes(photo) == FoundText()


def test_the_largest_boxes_are_kept_in_their_order() -> None:
    widths = [5.0 + (index * 7) % 100 for index in range(MAX_BOXES + 20)]
    corners = np.array([box(index, width) for index, width in enumerate(widths)], np.float32)
    kept = largest_boxes(corners)
    assert len(kept) == MAX_BOXES
    assert kept == sorted(kept)
    dropped = sorted(set(range(len(widths))) - set(kept))
    assert max(widths[index] for index in dropped) <= min(widths[index] for index in kept)


def test_few_boxes_are_all_kept() -> None:
    assert largest_boxes(np.array([box(0, 3), box(5, 9)], np.float32)) == [0, 1]


def test_long_lines_are_kept_as_far_as_they_can_be_read_in_time() -> None:
    long = MAX_LINE_WIDTH_PX * 10.0 / LINE_HEIGHT_PX
    kept = largest_boxes(np.array([box(0, long)] * MAX_BOXES, np.float32))
    assert len(kept) == MAX_READ_WIDTH_PX // MAX_LINE_WIDTH_PX


def test_a_missing_model_is_said_and_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid_ocr, "_MODELS", {"Det": "no_such_model.onnx"})
    with pytest.raises(ToolError, match=r"no_such_model\.onnx is missing"):
        RapidEngine().boxes(np.zeros((100, 100, 3), np.uint8))


def test_a_failing_engine_is_a_tool_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

    def fail(detector: Any, pixels: NDArray[np.uint8]) -> None:
        raise ONNXRuntimeError("out of memory")

    monkeypatch.setattr(rapid_ocr, "find_lines", fail)
    with pytest.raises(ToolError, match="failed inside ONNX Runtime"):
        RapidEngine().boxes(np.zeros((100, 100, 3), np.uint8))


def test_the_table_of_models_to_download_is_not_read() -> None:
    code = (
        "from geoagent_graph.perception.rapid_ocr import import_rapidocr\n"
        "from omegaconf import OmegaConf\n"
        "load = OmegaConf.load\n"
        "rapidocr = import_rapidocr()\n"
        "assert OmegaConf.load is load\n"
        "assert import_rapidocr() is rapidocr\n"
        "import rapidocr.utils.model_resolver as models\n"
        "assert not models.MODEL_ROUTES\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
