"""Lines that RapidOCR reads badly, read again by the models of other scripts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.look_alikes import has_own_letters, is_made_of_look_alikes
from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_guess import NO_SCRIPT, guess_script
from geoagent_graph.perception.script_readers import ScriptReader
from geoagent_graph.perception.tesseract import ScriptReading, best_reading, is_convincing

MAX_DOUBTFUL_CONFIDENCE = 0.8  # below this RapidOCR may have met a script it does not know
MAX_REREAD_CONFIDENCE = 0.97  # RapidOCR's own scripts are mostly above; others get one more reading
MIN_CERTAIN_CONFIDENCE = 0.85  # a reading this good ends the search for the script
MIN_FOUND_CONFIDENCE = 0.7  # a script counts as found from here on
MAX_PROBES = 2  # boxes on which the script is looked for, the largest doubtful ones
MAX_TRIES = 28  # readings of them in one photo; a model that must be loaded costs 70 ms
MIN_GUESS = 3e-4  # of a script by its shapes; of 98 probes in a known one one truth had less
MAX_NOTHING = 0.98  # of a box in which RapidOCR has read nothing; of those probes none had more
MIN_PROBE_HEIGHT_PX = 14  # pixels; letters of smaller boxes fit any script
MIN_PROBE_SCORE = 0.65  # of the detector: fences and windows look like text to it, but less so
MIN_PROBE_ASPECT = 1.3  # two letters and more are longer than high
MAX_PROBE_ASPECT = 25.0  # a longer line costs seconds with each model; shorter ones will do
MAX_SECOND_READINGS = 20  # boxes that are read again once the script is known
MAX_SECOND_WIDTH_PX = 12_000  # of all of them, 48 pixels high: 3 s of one core with one script
_LIKE_LATIN = ("Cyrl", "Grek")  # their capitals have the shapes of Latin ones

Guess = Callable[[Image.Image], Mapping[str, float]]
"""P(script | line) of a strip by ISO 15924 code, without reading it."""


@dataclass(frozen=True, slots=True)
class _Probe:
    """A box on which the script is looked for: its strips, and the scripts to try, likeliest first.

    `guess` is P(script | line); a script that nobody can guess has none.
    """

    box: TextBox
    strips: list[Image.Image]
    scripts: tuple[str, ...]
    guess: Mapping[str, float]


class ScriptSearch:
    """Finds the other scripts of a photo, and reads its lines in them."""

    def __init__(self, readers: ScriptReader, guess: Guess = guess_script) -> None:
        self._readers = readers
        self._guess = guess

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that are read, those of most signs first."""
        return self._readers.scripts

    def read_again(
        self, pixels: NDArray[np.uint8], boxes: Sequence[TextBox]
    ) -> Mapping[int, ScriptReading]:
        """Return readings by the index of their box, where they are better than RapidOCR's."""
        if not self.scripts:
            return {}
        found = self._find_scripts(pixels, [box for box in boxes if _is_doubtful(box)])
        better: dict[int, ScriptReading] = {}
        for index in _open_boxes(boxes) if found else ():
            strips = line_strips(pixels, boxes[index].corners)
            reading = best_reading([self._readers.read(strips, script) for script in found])
            if reading is not None and _is_better(reading, boxes[index]):
                better[index] = reading
        return better

    def _find_scripts(
        self, pixels: NDArray[np.uint8], doubtful: Sequence[TextBox]
    ) -> tuple[str, ...]:
        """Return at most `MAX_PROBES` scripts, found by trying the installed models.

        Every model reads all probes before the next one is loaded: loading costs most.
        """
        boxes = sorted(filter(_is_worth_probing, doubtful), key=_box_area, reverse=True)
        probes = [self._make_probe(pixels, box) for box in boxes[:MAX_PROBES]]
        readings: list[list[ScriptReading]] = [[] for _ in probes]
        still_open = set(range(len(probes)))
        tries_left = MAX_TRIES
        for script in _scripts_to_try(probes):
            for index in sorted(still_open):
                if tries_left == 0 or script not in probes[index].scripts:
                    continue
                tries_left -= 1
                readings[index].append(self._readers.read(probes[index].strips, script))
                if is_convincing(readings[index][-1]) and _is_certain(readings[index][-1]):
                    still_open.remove(index)
        scripts = [
            _script_found(probe.box, read) for probe, read in zip(probes, readings, strict=True)
        ]
        return tuple(dict.fromkeys(script for script in scripts if script))

    def _make_probe(self, pixels: NDArray[np.uint8], box: TextBox) -> _Probe:
        strips = line_strips(pixels, box.corners)
        like_latin = _LIKE_LATIN if is_made_of_look_alikes(box.text) else ()
        if like_latin and box.confidence >= MAX_DOUBTFUL_CONFIDENCE:
            fitting = tuple(script for script in like_latin if script in self.scripts)
            return _Probe(box, strips, fitting, {})
        guess, kept = self._guess(strips[0]), {*like_latin, script_of(box.text)}
        if not box.text and guess.get(NO_SCRIPT, 0.0) > MAX_NOTHING:
            return _Probe(box, strips, (), guess)
        fitting = tuple(
            script
            for script in self.scripts
            if script in kept or guess.get(script, 1.0) >= MIN_GUESS
        )
        return _Probe(box, strips, fitting, guess)


def _scripts_to_try(probes: Sequence[_Probe]) -> list[str]:
    """Return the scripts that come into question: what a reading hints at, then by the guesses."""
    fitting = dict.fromkeys(script for probe in probes for script in probe.scripts)
    hints = {script_of(probe.box.text) for probe in probes}

    def turn(script: str) -> tuple[bool, float]:
        return script not in hints, -max(probe.guess.get(script, 0.0) for probe in probes)

    return sorted(fitting, key=turn)


def box_aspect(box: TextBox) -> float:
    """Return how many times longer than high a line is; a standing one is as long as it is high."""
    across = float(np.linalg.norm(box.corners[1] - box.corners[0]))
    down = float(np.linalg.norm(box.corners[3] - box.corners[0]))
    return max(across, down) / max(1.0, min(across, down))


def _script_found(box: TextBox, readings: Sequence[ScriptReading]) -> str | None:
    best = best_reading(readings)
    if best is None or best.confidence < MIN_FOUND_CONFIDENCE:
        return None
    if is_made_of_look_alikes(box.text) and not has_own_letters(best.text):
        return None  # TAXI is no word of another script
    return best.script


def _open_boxes(boxes: Sequence[TextBox]) -> list[int]:
    """Return the indices of the boxes that are read again, as many as the time allows."""
    chosen, width = [], 0.0
    for index, box in enumerate(boxes):
        width_px = 48.0 * box_aspect(box)
        if _may_be_improved(box) and width + width_px <= MAX_SECOND_WIDTH_PX:
            chosen.append(index)
            width += width_px
    return chosen[:MAX_SECOND_READINGS]


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


def _is_worth_probing(box: TextBox) -> bool:
    tall = float(np.linalg.norm(box.corners[3] - box.corners[0])) >= MIN_PROBE_HEIGHT_PX
    like_text = box.score >= MIN_PROBE_SCORE
    return tall and like_text and MIN_PROBE_ASPECT <= box_aspect(box) <= MAX_PROBE_ASPECT


def _box_area(box: TextBox) -> float:
    across, down = box.corners[1] - box.corners[0], box.corners[3] - box.corners[0]
    return float(np.linalg.norm(across) * np.linalg.norm(down))
