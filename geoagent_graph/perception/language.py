"""The language of a line of text, and how far to trust it."""

import re
import threading
from typing import Protocol, cast

from geoagent_graph.perception.script import letter_count, script_of

MIN_LETTERS = 6  # below this a statistical guess is worth nothing
MAX_UNRELIABLE_CONFIDENCE = 0.3  # most that a guess gets which the detector itself doubts

# Scripts that one living language uses in practice.
_SCRIPT_LANGUAGES = {
    "Grek": "el",
    "Armn": "hy",
    "Geor": "ka",
    "Hang": "ko",
    "Jpan": "ja",
    "Thai": "th",
    "Laoo": "lo",
    "Khmr": "km",
    "Mymr": "my",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Knda": "kn",
    "Mlym": "ml",
    "Gujr": "gu",
    "Guru": "pa",
    "Orya": "or",
    "Thaa": "dv",
    "Hans": "zh",
    "Hant": "zh",
}
_SCRIPT_CONFIDENCE = 0.95

_ADDRESS = re.compile(r"@|www|\w\.\w|/|\d")  # domains, mail, numbers: no language's words

_lock = threading.Lock()
_detectors: list[
    "_Detector | None"
] = []  # the one detector of this process, once it was looked for


class _Guess(Protocol):
    language: str
    reliable: bool
    scores: dict[str, float]


class _Detector(Protocol):
    def detect_details(self, text: str) -> _Guess: ...


def language_of(text: str) -> tuple[str | None, float]:
    """Return (ISO 639-1 code, confidence in [0, 1]); (None, 0.0) where it cannot be told.

    A script of one language decides by itself. Otherwise the line needs `MIN_LETTERS` letters, and
    the confidence is the detector's score, at most `MAX_UNRELIABLE_CONFIDENCE` where it has doubts.
    Where the detector is not installed (it has no wheel for Linux on ARM), scripts alone decide;
    the spelling table of the evidence still weighs the letters of such a line.
    """
    text = " ".join(word for word in text.split() if not _ADDRESS.search(word))
    letters = letter_count(text)
    by_script = _SCRIPT_LANGUAGES.get(script_of(text) or "")
    if by_script is not None and letters >= 2:
        return by_script, _SCRIPT_CONFIDENCE
    if letters < MIN_LETTERS:
        return None, 0.0
    guess = _guess_language(text)
    if guess is None or guess.language == "und":
        return None, 0.0
    score = min(1.0, max(0.0, guess.scores.get(guess.language, 0.0)))
    return guess.language, score if guess.reliable else min(score, MAX_UNRELIABLE_CONFIDENCE)


def _guess_language(text: str) -> _Guess | None:
    """Return the detector's guess, None where there is no detector."""
    with _lock:
        if not _detectors:
            _detectors.append(_load_detector())
        detector = _detectors[0]
        return detector.detect_details(text) if detector is not None else None


def _load_detector() -> _Detector | None:
    """Return the detector, None where this system has no build of it."""
    try:
        import eldc
    except ModuleNotFoundError as missing:
        if missing.name != "eldc":
            raise
        return None
    eldc.init()
    return cast("_Detector", eldc.instance())
