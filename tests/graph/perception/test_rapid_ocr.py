"""Text boxes: which are read, and what happens when the engine is not whole."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.perception import rapid_ocr
from geoagent_graph.perception.rapid_ocr import MAX_BOXES, MIN_SIDE_PX, RapidEngine, _largest_boxes


def box(left: float, width: float, height: float = 10.0) -> list[list[float]]:
    right = left + width
    return [[left, 0.0], [right, 0.0], [right, height], [left, height]]


def test_a_photo_too_small_for_text_loads_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(threads: int, side: int) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(rapid_ocr, "_new_engine", refuse)
    photo = np.zeros((MIN_SIDE_PX - 1, 500, 3), np.uint8)
    assert RapidEngine().boxes(photo) == []


def test_the_largest_boxes_are_kept_in_their_order() -> None:
    widths = [5.0 + (index * 7) % 100 for index in range(MAX_BOXES + 20)]
    corners = np.array([box(index, width) for index, width in enumerate(widths)], np.float32)
    kept = _largest_boxes(corners)
    assert len(kept) == MAX_BOXES
    left = kept[:, 0, 0].tolist()
    assert left == sorted(left)
    dropped = sorted(set(range(len(widths))) - {int(value) for value in left})
    assert max(widths[index] for index in dropped) <= min(widths[int(value)] for value in left)


def test_few_boxes_are_all_kept() -> None:
    corners = np.array([box(0, 3), box(5, 9)], np.float32)
    assert np.array_equal(_largest_boxes(corners), corners)


def test_a_missing_model_is_said_and_not_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid_ocr, "_MODELS", {"Det": "no_such_model.onnx"})
    with pytest.raises(ToolError, match=r"no_such_model\.onnx is missing"):
        RapidEngine().boxes(np.zeros((100, 100, 3), np.uint8))


def test_a_failing_engine_is_a_tool_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

    class FailingEngine:
        def detect_and_crop(self, image: np.ndarray, options: dict[str, Path]) -> None:
            raise ONNXRuntimeError("out of memory")

    monkeypatch.setattr(rapid_ocr, "_new_engine", lambda threads, side: FailingEngine())
    with pytest.raises(ToolError, match="failed inside ONNX Runtime"):
        RapidEngine().boxes(np.zeros((100, 100, 3), np.uint8))
