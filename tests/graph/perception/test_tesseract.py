"""Tesseract's script models: which are found, what is made of their readings."""

import importlib.util
from pathlib import Path

import pytest
from PIL import Image

from geoagent_graph.errors import ToolError
from geoagent_graph.perception import tesseract
from geoagent_graph.perception.tesseract import (
    ScriptEngine,
    ScriptReading,
    best_reading,
    find_models,
    is_convincing,
    tidy,
)


def test_models_are_found_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "Cyrillic.traineddata").write_bytes(b"x")
    (tmp_path / "script" / "Thai.traineddata").write_bytes(b"x")
    installed = importlib.util.find_spec("tesserocr") is not None
    assert list(find_models(tmp_path)) == (["Cyrl", "Thai"] if installed else [])


@pytest.mark.skipif(importlib.util.find_spec("tesserocr") is None, reason="tesserocr is missing")
def test_a_damaged_model_is_a_tool_error(tmp_path: Path) -> None:
    (tmp_path / "Greek.traineddata").write_bytes(b"damaged")
    strip = Image.new("L", (200, 60), 255)
    with pytest.raises(ToolError, match=r"Greek\.traineddata"):
        ScriptEngine(tmp_path).read([strip], "Grek")


@pytest.mark.skipif(importlib.util.find_spec("tesserocr") is None, reason="tesserocr is missing")
def test_a_damaged_model_is_said_where_it_is_needed_not_where_all_are_kept(tmp_path: Path) -> None:
    (tmp_path / "Greek.traineddata").write_bytes(b"damaged")
    engine = ScriptEngine(tmp_path)
    engine.keep_models()
    with pytest.raises(ToolError, match=r"Greek\.traineddata"):
        engine.read([Image.new("L", (200, 60), 255)], "Grek")


class EmptyModel:
    """A model that reads nothing; it notes that it was unloaded."""

    def __init__(self) -> None:
        self.is_unloaded = False

    def SetImage(self, strip: Image.Image) -> None:  # noqa: N802 - the library's name
        """Take a line."""

    def GetUTF8Text(self) -> str:  # noqa: N802
        """Return no text."""
        return ""

    def MeanTextConf(self) -> int:  # noqa: N802
        """Return no confidence."""
        return 0

    def Clear(self) -> None:  # noqa: N802
        """Forget the line."""

    def ClearPersistentCache(self) -> None:  # noqa: N802
        """Forget dictionaries."""

    def End(self) -> None:  # noqa: N802
        """Note it."""
        self.is_unloaded = True


@pytest.mark.parametrize(("is_kept", "loads"), [(False, 8), (True, 4)])
def test_models_that_are_kept_are_loaded_once(
    monkeypatch: pytest.MonkeyPatch, *, is_kept: bool, loads: int
) -> None:
    scripts = ["Cyrl", "Arab", "Thai", "Grek"]
    loaded: list[EmptyModel] = []

    def load(_model: Path) -> EmptyModel:
        loaded.append(EmptyModel())
        return loaded[-1]

    monkeypatch.setattr(tesseract, "find_models", lambda _folder: dict.fromkeys(scripts, Path("m")))
    monkeypatch.setattr(tesseract, "_load_engine", load)
    engine = ScriptEngine()
    if is_kept:
        engine.keep_models()
    for script in scripts * 2:
        engine.read([Image.new("L", (200, 60), 255)], script)
    assert len(loaded) == loads
    assert sum(model.is_unloaded for model in loaded) == (0 if is_kept else loads - 3)


def test_tidy_joins_what_the_models_tear_apart() -> None:
    assert tidy("โท ร . 054 224 512\n", "Thai") == "โทร. 054 224 512"
    assert tidy("ล ํ า ป า ง", "Thai") == "ลำปาง"
    assert tidy("경 강 로", "Hang") == "경강로"
    assert tidy("[전주 시청 |", "Hang") == "전주 시청"
    assert tidy("\u200eطنطا\u200f\n", "Arab") == "طنطا"


def test_the_best_reading_has_letters_of_its_own_script() -> None:
    latin = ScriptReading("MOCKBA", 0.95, "Cyrl", 0)
    weak = ScriptReading("Μοσα", 0.4, "Grek", 4)
    short = ScriptReading("пот", 0.91, "Cyrl", 3)
    right = ScriptReading("חיפה", 0.85, "Hebr", 4)
    assert best_reading([latin, weak]) is None
    assert best_reading([latin, weak, short, right]) is right


@pytest.mark.parametrize(
    ("text", "confidence", "letters", "convincing"),
    [
        ("Афины", 0.5, 5, True),
        ("Афины", 0.49, 5, False),
        ("А", 0.9, 1, False),  # one letter is like any other
        ("ABCDEАФ", 0.9, 2, False),  # most of it is of another script
    ],
)
def test_a_reading_convinces_by_its_letters_and_its_confidence(
    text: str, confidence: float, letters: int, convincing: bool
) -> None:
    assert is_convincing(ScriptReading(text, confidence, "Cyrl", letters)) is convincing
