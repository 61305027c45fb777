"""Lines of text in a photo with script and language: RapidOCR, then models of other scripts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.look_alikes import has_own_letters, is_made_of_look_alikes
from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.perception.rapid_ocr import RapidEngine, TextBox
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_readers import open_script_readers
from geoagent_graph.perception.tesseract import (
    ScriptReading,
    best_reading,
    is_convincing,
)
from geoagent_graph.protocols import TextLine
from geoagent_graph.settings import Settings
from geoagent_graph.types import Box

MIN_READABLE_CONFIDENCE = 0.6  # below this the text is more likely wrong than right
MAX_DOUBTFUL_CONFIDENCE = 0.8  # below this RapidOCR may have met a script it does not know
MAX_REREAD_CONFIDENCE = 0.97  # RapidOCR's own scripts are mostly above; others get one more reading
MIN_CERTAIN_CONFIDENCE = 0.85  # a reading this good ends the search for the script
MIN_FOUND_CONFIDENCE = 0.7  # a script counts as found from here on
MAX_PROBES = 2  # boxes on which the script is looked for, the largest doubtful ones
MAX_TRIES = 28  # models tried on them in one photo, 50 ms each when they must be loaded
MIN_PROBE_HEIGHT_PX = 14  # pixels; letters of smaller boxes fit any script
MAX_SECOND_READINGS = 20  # boxes that are read again once the script is known


@dataclass(frozen=True, slots=True)
class _Reading:
    text: str
    confidence: float
    recogniser: str
    readable: bool


class SignReader:
    """Reads signs, a `TextReader`; cheap to build, models load on first use, thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._rapid = RapidEngine(settings.threads)
        self._scripts = open_script_readers(settings)

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that are read besides Latin, Chinese and Japanese."""
        return self._scripts.scripts

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of text in an RGB photo, shape [height, width, 3], top to bottom.

        Raises:
            ToolError: a recogniser's models are missing or damaged, or it failed.
        """
        height, width = pixels.shape[:2]
        boxes = self._rapid.boxes(pixels)
        readings = [_first_reading(box) for box in boxes]
        for index, reading in self._second_readings(pixels, boxes).items():
            readings[index] = reading
        return [
            _make_line(reading, box.corners, width, height)
            for box, reading in zip(boxes, readings, strict=True)
        ]

    def _second_readings(
        self, pixels: NDArray[np.uint8], boxes: Sequence[TextBox]
    ) -> dict[int, _Reading]:
        """Return the script models' readings by box, where they are better than RapidOCR's."""
        if not self._scripts.scripts:
            return {}
        found = self._find_scripts(pixels, [box for box in boxes if _is_doubtful(box)])
        if not found:
            return {}
        open_boxes = [index for index, box in enumerate(boxes) if _may_be_improved(box)]
        better: dict[int, _Reading] = {}
        for index in open_boxes[:MAX_SECOND_READINGS]:
            strips = line_strips(pixels, boxes[index].corners)
            reading = best_reading([self._scripts.read(strips, script) for script in found])
            if reading is not None and _is_better(reading, boxes[index]):
                name = f"{reading.recogniser}:{reading.script}"
                readable = reading.confidence >= MIN_READABLE_CONFIDENCE
                better[index] = _Reading(reading.text, reading.confidence, name, readable)
        return better

    def _find_scripts(
        self, pixels: NDArray[np.uint8], doubtful: Sequence[TextBox]
    ) -> tuple[str, ...]:
        """Return at most `MAX_PROBES` scripts, found by trying the installed models."""
        found: list[str] = []
        tries_left = MAX_TRIES
        for box in sorted(filter(_is_tall, doubtful), key=_box_area, reverse=True)[:MAX_PROBES]:
            strips = line_strips(pixels, box.corners)
            readings: list[ScriptReading] = []
            for script in self._scripts_to_try(box, found)[:tries_left]:
                readings.append(self._scripts.read(strips, script))
                if is_convincing(readings[-1]) and _is_certain(readings[-1]):
                    break
            tries_left -= len(readings)
            best = best_reading(readings)
            if best and is_made_of_look_alikes(box.text) and not has_own_letters(best.text):
                continue  # TAXI is no word of another script
            if best and best.confidence >= MIN_FOUND_CONFIDENCE and best.script not in found:
                found.append(best.script)
        return tuple(found)

    def _scripts_to_try(self, box: TextBox, found: Sequence[str]) -> list[str]:
        """Return the installed scripts, the likely ones first."""
        if is_made_of_look_alikes(box.text) and box.confidence >= MAX_DOUBTFUL_CONFIDENCE:
            return [script for script in ("Cyrl", "Grek") if script in self._scripts.scripts]
        hint = script_of(box.text)
        likely = [*found, *([hint] if hint else [])]
        installed = self._scripts.scripts
        return list(dict.fromkeys([*(s for s in likely if s in installed), *installed]))


def open_text_reader(settings: Settings) -> SignReader:
    """Return the default `TextReader`; nothing is loaded before its first photo."""
    return SignReader(settings)


def _first_reading(box: TextBox) -> _Reading:
    readable = bool(box.text) and box.confidence >= MIN_READABLE_CONFIDENCE
    confidence = box.confidence if box.text else 0.0
    return _Reading(box.text, confidence, "rapidocr", readable)


def _is_doubtful(box: TextBox) -> bool:
    if not box.text or box.confidence < MAX_DOUBTFUL_CONFIDENCE:
        return True
    if is_made_of_look_alikes(box.text):
        return True
    return script_of(box.text) in {"Grek", "Cyrl"}  # RapidOCR knows some of these letters only


def _may_be_improved(box: TextBox) -> bool:
    digits = sum(character.isdigit() for character in box.text)
    if digits >= 5 and box.confidence >= MAX_DOUBTFUL_CONFIDENCE:
        return False  # a number is read better by RapidOCR, and in the right order
    if is_made_of_look_alikes(box.text):
        return True
    return not box.text or box.confidence < MAX_REREAD_CONFIDENCE


def _is_certain(reading: ScriptReading) -> bool:
    return reading.confidence >= MIN_CERTAIN_CONFIDENCE and reading.letters >= 4


def _is_better(reading: ScriptReading, box: TextBox) -> bool:
    if not box.text or script_of(box.text) == reading.script:
        return True
    return reading.confidence > box.confidence - 0.2


def _is_tall(box: TextBox) -> bool:
    return float(np.linalg.norm(box.corners[3] - box.corners[0])) >= MIN_PROBE_HEIGHT_PX


def _box_area(box: TextBox) -> float:
    across, down = box.corners[1] - box.corners[0], box.corners[3] - box.corners[0]
    return float(np.linalg.norm(across) * np.linalg.norm(down))


def _make_line(
    reading: _Reading, corners: NDArray[np.float32], width: int, height: int
) -> TextLine:
    language, language_confidence = language_of(reading.text)
    return TextLine(
        text=reading.text,
        box=_box_shares(corners, width, height),
        confidence=min(1.0, max(0.0, reading.confidence)),
        script=script_of(reading.text),
        language=language,
        language_confidence=language_confidence,
        recogniser=reading.recogniser,
        readable=reading.readable,
    )


def _box_shares(corners: NDArray[np.float32], width: int, height: int) -> Box:
    """Return the upright box around four corners as shares of the photo."""
    shares = np.clip(corners.astype(np.float64) / (width, height), 0.0, 1.0)
    (left, top), (right, bottom) = shares.min(axis=0).tolist(), shares.max(axis=0).tolist()
    return Box(left=left, top=top, right=right, bottom=bottom)
