"""Lines that RapidOCR reads badly, read again by the models of other scripts."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.look_alikes import has_own_letters, is_made_of_look_alikes
from geoagent_graph.perception.line_image import line_strips
from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script import script_of
from geoagent_graph.perception.script_readers import ScriptReader
from geoagent_graph.perception.tesseract import ScriptReading, best_reading, is_convincing

MAX_DOUBTFUL_CONFIDENCE = 0.8  # below this RapidOCR may have met a script it does not know
MAX_REREAD_CONFIDENCE = 0.97  # RapidOCR's own scripts are mostly above; others get one more reading
MIN_CERTAIN_CONFIDENCE = 0.85  # a reading this good ends the search for the script
MIN_FOUND_CONFIDENCE = 0.7  # a script counts as found from here on
MAX_PROBES = 2  # boxes on which the script is looked for, the largest doubtful ones
MAX_TRIES = 28  # readings of them in one photo; a model that must be loaded costs 70 ms
MIN_PROBE_HEIGHT_PX = 14  # pixels; letters of smaller boxes fit any script
MIN_PROBE_SCORE = 0.65  # of the detector: fences and windows look like text to it, but less so
MIN_PROBE_ASPECT = 1.3  # two letters and more are longer than high
MAX_PROBE_ASPECT = 25.0  # a longer line costs seconds with each model; shorter ones will do
MAX_SECOND_READINGS = 20  # boxes that are read again once the script is known
MAX_SECOND_WIDTH_PX = 12_000  # of all of them, 48 pixels high: 3 s of one core with one script


class ScriptSearch:
    """Finds the other scripts of a photo, and reads its lines in them."""

    def __init__(self, readers: ScriptReader) -> None:
        self._readers = readers

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
        probes = sorted(filter(_is_worth_probing, doubtful), key=_box_area, reverse=True)
        open_probes = {
            index: line_strips(pixels, box.corners) for index, box in enumerate(probes[:MAX_PROBES])
        }
        readings: dict[int, list[ScriptReading]] = {index: [] for index in open_probes}
        tries_left = MAX_TRIES
        for script in self._scripts_to_try(probes[:MAX_PROBES]):
            for index in list(open_probes):
                if tries_left == 0 or script not in self._scripts_that_fit(probes[index]):
                    continue
                tries_left -= 1
                readings[index].append(self._readers.read(open_probes[index], script))
                if is_convincing(readings[index][-1]) and _is_certain(readings[index][-1]):
                    del open_probes[index]
        scripts = [_script_found(probes[index], read) for index, read in readings.items()]
        return tuple(dict.fromkeys(script for script in scripts if script))

    def _scripts_to_try(self, probes: Sequence[TextBox]) -> list[str]:
        """Return the scripts that come into question, those that a reading hints at first."""
        hints = [hint for box in probes if (hint := script_of(box.text)) in self.scripts]
        fitting = [script for box in probes for script in self._scripts_that_fit(box)]
        return list(dict.fromkeys([*filter(None, hints), *fitting]))

    def _scripts_that_fit(self, box: TextBox) -> tuple[str, ...]:
        if is_made_of_look_alikes(box.text) and box.confidence >= MAX_DOUBTFUL_CONFIDENCE:
            return tuple(script for script in ("Cyrl", "Grek") if script in self.scripts)
        return self.scripts


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
