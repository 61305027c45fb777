"""Pulled recognisers read lines in their script: tiny models, the real reader around them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.pp_ocr import RecogniserEngine, decode_characters, logical_order
from geoagent_graph.perception.script_readers import ScriptReaders, open_script_readers
from geoagent_graph.perception.tesseract import ScriptReading
from geoagent_graph.perception.text_reader import open_text_reader
from geoagent_graph.settings import Settings
from geoagent_graph.weights.recognisers import RecogniserFile, find_recognisers
from tests.support.tiny_recogniser import fixed_recogniser, place_recogniser, shade_recogniser
from tests.support.weight_rows import digest

CYRILLIC_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("geoagent_graph.weights.store.is_as_catalogued", lambda entry, pin: True)
    return tmp_path / "weights"


def engine_of(tmp_path: Path, data: bytes, script: str = "Cyrl") -> RecogniserEngine:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(data)
    return RecogniserEngine({script: RecogniserFile("ocr-tiny", path, digest(data))})


def strip(*shades: float) -> Image.Image:
    """Return a line of blocks, one per shade, with gray between them."""
    columns = [value for shade in shades for value in (shade, 0.0)]
    levels = np.repeat(np.array([0.0, *columns]), 16)
    return Image.fromarray(np.tile((levels + 1) * 127.5, (48, 1)).astype(np.uint8))


def test_columns_become_characters_and_repeats_are_one(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, shade_recogniser("ЖЯ", [-0.9, 0.9]))
    reading = engine.read([strip(0.0), strip(-0.9, 0.9, 0.9, -0.9)], "Cyrl")
    assert (reading.text, reading.script, reading.letters) == ("ЖЯЯЖ", "Cyrl", 4)
    assert reading.confidence > 0.99
    assert reading.recogniser == "pp-ocr"


@pytest.mark.parametrize("size", [(1, 48), (9000, 20), (64, 64)])
def test_a_line_of_any_shape_is_read(tmp_path: Path, size: tuple[int, int]) -> None:
    engine = engine_of(tmp_path, fixed_recogniser("АБВГ"))
    assert engine.read([Image.new("L", size, 128)], "Cyrl").text == "АБВГ"


def test_nothing_seen_is_no_text_and_no_certainty(tmp_path: Path) -> None:
    alphabet = ["", "a", " "]
    assert decode_characters(np.array([[1.0, 0.0, 0.0]], np.float32), alphabet) == ("", 0.0)
    odd = np.array([[0.0, np.nan, 0.0]], np.float32)
    assert decode_characters(odd, alphabet) == ("", 0.0)


def test_arabic_comes_in_the_order_in_which_it_is_read(tmp_path: Path) -> None:
    assert logical_order("ةرهاقلا 24") == "24 القاهرة"
    assert logical_order("") == ""
    engine = engine_of(tmp_path, fixed_recogniser("ةرهاقلا"), "Arab")
    assert engine.read([Image.new("L", (200, 48), 128)], "Arab").text == "القاهرة"


def test_a_file_that_has_changed_is_not_loaded(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, fixed_recogniser("АБ"))
    (tmp_path / "tiny.onnx").write_bytes(fixed_recogniser("ВГ"))
    with pytest.raises(ToolError, match="is not what was pulled"):
        engine.read([strip(0.0)], "Cyrl")


def test_a_file_that_is_no_recogniser_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be loaded as a recogniser"):
        engine_of(tmp_path, b"no model").read([strip(0.0)], "Cyrl")


class Fixed:
    """A reader of one script that always says the same."""

    def __init__(self, script: str, text: str, confidence: float) -> None:
        self.scripts = (script,)
        self._reading = ScriptReading(text, confidence, script, len(text))
        self.asked = 0

    def read(self, strips: object, script: str) -> ScriptReading:
        """Return the reading."""
        self.asked += 1
        return self._reading


def test_another_reader_is_asked_where_the_first_is_not_convincing() -> None:
    unsure, sure = Fixed("Thai", "กก", 0.2), Fixed("Thai", "กข", 0.9)
    readers = ScriptReaders(unsure, sure, Fixed("Cyrl", "да", 0.9))
    assert readers.scripts == ("Cyrl", "Thai")
    assert readers.read([], "Thai").text == "กข"
    assert ScriptReaders(sure, unsure).read([], "Thai").text == "กข"
    assert (unsure.asked, sure.asked) == (1, 2)


@pytest.mark.skipif(not Path(CYRILLIC_FONT).exists(), reason="needs fonts-dejavu-core")
def test_what_was_pulled_is_found_and_used_by_the_reader(weights: Path, tmp_path: Path) -> None:
    place_recogniser(weights, "ocr-cyrillic", fixed_recogniser("ЮЖНЫЙ ЦИРК"))
    assert list(find_recognisers(weights)) == ["Cyrl"]
    settings = Settings(weights_dir=weights, tessdata_dir=tmp_path / "none")
    assert open_script_readers(settings).scripts == ("Cyrl",)
    photo = Image.new("RGB", (480, 120), "white")
    font = ImageFont.truetype(CYRILLIC_FONT, 60)
    ImageDraw.Draw(photo).text((20, 20), "ЮЖНЫЙ ЦИРК", "black", font=font)
    lines = open_text_reader(settings).read(np.asarray(photo))
    assert [(line.text, line.recogniser, line.script) for line in lines] == [
        ("ЮЖНЫЙ ЦИРК", "pp-ocr:Cyrl", "Cyrl")
    ]


def test_nothing_pulled_reads_no_file(tmp_path: Path) -> None:
    settings = Settings(weights_dir=tmp_path / "none", tessdata_dir=tmp_path / "none")
    assert open_script_readers(settings).scripts == ()
