"""The search for other scripts: what is asked, in which order, and how much of it."""

import numpy as np
import pytest

from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script_readers import ScriptReaders
from geoagent_graph.perception.script_search import (
    MAX_SECOND_READINGS,
    MAX_SECOND_WIDTH_PX,
    MIN_PROBE_SCORE,
    ScriptSearch,
    box_aspect,
)
from geoagent_graph.testing import FixedRecogniser

PHOTO = np.full((400, 4000, 3), 200, np.uint8)


def box(
    text: str = "", confidence: float = 0.3, width: float = 200.0, score: float = 0.9
) -> TextBox:
    corners = np.array([[5, 5], [5 + width, 5], [5 + width, 45], [5, 45]], np.float32)
    return TextBox(corners, PHOTO[5:45, 5:205], text, confidence, score)


def test_a_line_that_another_script_explains_is_read_in_it() -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    search = ScriptSearch(kannada)
    (reading,) = search.read_again(PHOTO, [box("2d Bo2oo")]).values()
    assert (reading.text, reading.recogniser) == ("ಹಿಮಾಲಯ", "fixed")


def test_the_first_of_two_recognisers_of_a_script_is_asked() -> None:
    first, second = FixedRecogniser("ಹಿಮಾಲಯ", "Knda"), FixedRecogniser("ಬೆಂಗಳೂರು", "Knda")
    ScriptSearch(ScriptReaders(first, second)).read_again(PHOTO, [box()])
    assert first.asked
    assert not second.asked


@pytest.mark.parametrize(
    "other",
    [
        box("Padaria", confidence=0.99),  # read well
        box(score=MIN_PROBE_SCORE - 0.01),  # a fence
        box(width=45.0),  # a window
        box(width=3900.0),  # a long line costs seconds with each model
    ],
    ids=["sure", "unclear", "square", "long"],
)
def test_no_model_is_loaded_for_what_is_no_line_of_another_script(other: TextBox) -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    assert ScriptSearch(kannada).read_again(PHOTO, [other]) == {}
    assert kannada.asked == []


def test_every_model_reads_all_probes_before_the_next_is_loaded() -> None:
    asked: list[str] = []
    scripts = [FixedRecogniser("", script, asked) for script in ("Thai", "Beng", "Knda")]
    ScriptSearch(ScriptReaders(*scripts)).read_again(PHOTO, [box(), box(width=300.0)])
    assert asked == ["Thai", "Thai", "Beng", "Beng", "Knda", "Knda"]


def test_second_readings_are_bounded_in_number_and_in_width() -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    again = ScriptSearch(kannada).read_again(PHOTO, [box()] * (MAX_SECOND_READINGS + 5))
    assert len(again) == MAX_SECOND_READINGS
    wide = [box(width=900.0)] * MAX_SECOND_READINGS
    again = ScriptSearch(kannada).read_again(PHOTO, wide)
    assert len(again) == MAX_SECOND_WIDTH_PX // round(48 * box_aspect(wide[0]))
