"""Tesseract's script models: which are found, what is made of their readings."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.recogniser import LineImage
from geoagent_graph.perception.tesseract import ScriptEngine, find_models, tidy


def test_models_are_found_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "Cyrillic.traineddata").write_bytes(b"x")
    (tmp_path / "script" / "Thai.traineddata").write_bytes(b"x")
    installed = importlib.util.find_spec("tesserocr") is not None
    assert list(find_models(tmp_path)) == (["Cyrl", "Thai"] if installed else [])


@pytest.mark.skipif(importlib.util.find_spec("tesserocr") is None, reason="tesserocr is missing")
def test_a_damaged_model_is_a_tool_error(tmp_path: Path) -> None:
    (tmp_path / "Greek.traineddata").write_bytes(b"damaged")
    pixels = np.full((60, 200, 3), 255, np.uint8)
    corners = np.array([[5, 5], [190, 5], [190, 50], [5, 50]], np.float32)
    with pytest.raises(ToolError, match=r"Greek\.traineddata"):
        ScriptEngine(tmp_path).read(LineImage(pixels, corners, pixels), "Grek")


def test_tidy_joins_what_the_models_tear_apart() -> None:
    assert tidy("โท ร . 054 224 512\n", "Thai") == "โทร. 054 224 512"
    assert tidy("ล ํ า ป า ง", "Thai") == "ลำปาง"
    assert tidy("경 강 로", "Hang") == "경강로"
    assert tidy("[전주 시청 |", "Hang") == "전주 시청"
    assert tidy("\u200eطنطا\u200f\n", "Arab") == "طنطا"
