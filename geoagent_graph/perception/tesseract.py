"""Text in scripts that RapidOCR cannot read, by Tesseract's script models where installed."""

import contextlib
import importlib.util
import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.script import letter_script

# ISO 15924 to the model's file, the scripts of most signs first.
MODELS = {
    "Cyrl": "Cyrillic",
    "Arab": "Arabic",
    "Hang": "Hangul",
    "Thai": "Thai",
    "Deva": "Devanagari",
    "Grek": "Greek",
    "Hebr": "Hebrew",
    "Beng": "Bengali",
    "Geor": "Georgian",
    "Armn": "Armenian",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Knda": "Kannada",
    "Mlym": "Malayalam",
    "Gujr": "Gujarati",
    "Guru": "Gurmukhi",
    "Sinh": "Sinhala",
    "Mymr": "Myanmar",
    "Khmr": "Khmer",
    "Laoo": "Lao",
    "Ethi": "Ethiopic",
    "Orya": "Oriya",
    "Thaa": "Thaana",
    "Tibt": "Tibetan",
}
USUAL_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
MAX_LOADED_MODELS = 3  # models kept in memory, 10 to 30 MB each, unless all are
_NATIVE = threading.Lock()  # an engine holds the line it works on; dictionaries are the process's
_MAX_MODEL_BYTES = 200_000_000
_UNSPACED = frozenset({"Thai", "Laoo", "Khmr", "Mymr", "Tibt"})
_VARIABLES = {
    "debug_file": "/dev/null",
    "user_defined_dpi": "150",
    "tessedit_do_invert": "0",  # the strips are dark on light already
    "invert_threshold": "0",
}


@dataclass(frozen=True, slots=True)
class ScriptReading:
    """What one script model made of one line; `letters` counts those of its script."""

    text: str
    confidence: float
    script: str
    letters: int
    recogniser: str = "tesseract"


class ScriptEngine:
    """Tesseract's script models, loaded on first use; safe to share between threads."""

    def __init__(self, tessdata_dir: Path | None = None) -> None:
        self._models = find_models(tessdata_dir)
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        self._most_loaded = MAX_LOADED_MODELS

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the installed models; empty when Tesseract is not installed."""
        return tuple(self._models)

    def keep_models(self) -> None:
        """Load all models now and keep them: forks of this process share them."""
        with _NATIVE:
            self._most_loaded = max(MAX_LOADED_MODELS, len(self._models))
            for script in self._models:
                with contextlib.suppress(ToolError):  # it is raised where a line asks for the model
                    self._engine_of_script(script)

    def read(self, strips: Iterable[Image.Image], script: str) -> ScriptReading:
        """Return the best reading of one line among its strips with the model of one script.

        Raises:
            ToolError: the model cannot be loaded.
        """
        with _NATIVE:
            engine = self._engine_of_script(script)
            readings = [_read_strip(engine, strip, script) for strip in strips]
        return max(readings, key=lambda reading: (reading.letters > 0, reading.confidence))

    def _engine_of_script(self, script: str) -> Any:
        if script not in self._loaded:
            while len(self._loaded) >= self._most_loaded:
                _unload_engine(self._loaded.popitem(last=False)[1])
            self._loaded[script] = _load_engine(self._models[script])
        self._loaded.move_to_end(script)
        return self._loaded[script]


def find_models(tessdata_dir: Path | None) -> dict[str, Path]:
    """Return the installed models by script, in the order of `MODELS`; empty without tesserocr."""
    if importlib.util.find_spec("tesserocr") is None:
        return {}
    roots = [tessdata_dir] if tessdata_dir is not None else [Path(path) for path in USUAL_FOLDERS]
    found = {}
    for script, name in MODELS.items():
        places = (
            root / below / f"{name}.traineddata" for root in roots for below in ("", "script")
        )
        model = next((place for place in places if place.is_file()), None)
        if model is not None and model.stat().st_size <= _MAX_MODEL_BYTES:
            found[script] = model
    return found


def _load_engine(model: Path) -> Any:
    import tesserocr

    try:
        engine = tesserocr.PyTessBaseAPI(
            path=f"{model.parent}/",
            lang=model.stem,
            oem=tesserocr.OEM.LSTM_ONLY,
            psm=tesserocr.PSM.SINGLE_LINE,
        )
    except RuntimeError as error:
        raise ToolError(
            f"Tesseract's model {model} cannot be loaded. Install it again or remove it."
        ) from error
    for name, value in _VARIABLES.items():
        engine.SetVariable(name, value)
    return engine


def _unload_engine(engine: Any) -> None:
    """Free a model with its dictionaries, which the library keeps for the next one of its name."""
    engine.End()
    engine.ClearPersistentCache()


def _read_strip(engine: Any, strip: Image.Image, script: str) -> ScriptReading:
    engine.SetImage(strip)
    text = tidy(engine.GetUTF8Text(), script)
    confidence = min(1.0, max(0.0, engine.MeanTextConf() / 100.0))
    engine.Clear()
    letters = sum(letter_script(character) == script for character in text)
    return ScriptReading(text, confidence, script, letters)


def tidy(text: str, script: str) -> str:
    """Return one line without direction marks, stray frame strokes and false spaces."""
    shown = "".join(character for character in text if unicodedata.category(character) != "Cf")
    line = unicodedata.normalize("NFC", " ".join(shown.split())).strip(" |[](){}_~`'\"“”‘’«»!—")
    if script in _UNSPACED:
        joined = re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f]|[.,:])", "", line)
        return joined.replace("\u0e4d\u0e32", "\u0e33")  # Thai sara am in one piece
    words = line.split()
    if script == "Hang" and len(words) > 1 and all(len(word) == 1 for word in words):
        return "".join(words)
    return line


def best_reading(readings: Sequence[ScriptReading]) -> ScriptReading | None:
    """Return the reading that most likely used the right script, or None when none is any good."""
    good = [reading for reading in readings if is_convincing(reading)]
    return max(good, key=lambda reading: (_strength_of(reading), reading.letters), default=None)


def is_convincing(reading: ScriptReading) -> bool:
    """Return whether the model read letters of its own script, and with some confidence."""
    signs = sum(character.isalpha() for character in reading.text)
    return reading.letters >= 2 and reading.letters >= 0.6 * signs and reading.confidence >= 0.5


def _strength_of(reading: ScriptReading) -> float:
    """Return the confidence, less for a word so short that any model finds something like it."""
    return reading.confidence - (0.15 if reading.letters < 4 else 0.0)
