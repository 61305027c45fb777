"""The search for other scripts: what is asked, in which order, and how much of it."""

from collections.abc import Mapping

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.script_guess import NO_SCRIPT
from geoagent_graph.perception.script_readers import ScriptReaders
from geoagent_graph.perception.script_search import (
    MAX_NOTHING,
    MAX_SECOND_READINGS,
    MAX_SECOND_WIDTH_PX,
    MIN_GUESS,
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


def no_guess(strip: Image.Image) -> Mapping[str, float]:
    """Return nothing: every script is tried, in the order of the readers."""
    del strip
    return {}


def test_a_line_that_another_script_explains_is_read_in_it() -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    search = ScriptSearch(kannada, no_guess)
    (reading,) = search.read_again(PHOTO, [box("2d Bo2oo")]).values()
    assert (reading.text, reading.recogniser) == ("ಹಿಮಾಲಯ", "fixed")


def test_the_first_of_two_recognisers_of_a_script_is_asked() -> None:
    first, second = FixedRecogniser("ಹಿಮಾಲಯ", "Knda"), FixedRecogniser("ಬೆಂಗಳೂರು", "Knda")
    ScriptSearch(ScriptReaders(first, second), no_guess).read_again(PHOTO, [box()])
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
    assert ScriptSearch(kannada, no_guess).read_again(PHOTO, [other]) == {}
    assert kannada.asked == []


def test_every_model_reads_all_probes_before_the_next_is_loaded() -> None:
    asked: list[str] = []
    scripts = [FixedRecogniser("", script, asked) for script in ("Thai", "Beng", "Knda")]
    ScriptSearch(ScriptReaders(*scripts), no_guess).read_again(PHOTO, [box(), box(width=300.0)])
    assert asked == ["Thai", "Thai", "Beng", "Beng", "Knda", "Knda"]


def test_second_readings_are_bounded_in_number_and_in_width() -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    again = ScriptSearch(kannada, no_guess).read_again(PHOTO, [box()] * (MAX_SECOND_READINGS + 5))
    assert len(again) == MAX_SECOND_READINGS
    wide = [box(width=900.0)] * MAX_SECOND_READINGS
    again = ScriptSearch(kannada, no_guess).read_again(PHOTO, wide)
    assert len(again) == MAX_SECOND_WIDTH_PX // round(48 * box_aspect(wide[0]))


def test_the_likeliest_script_is_tried_first_and_an_unlikely_one_never() -> None:
    asked: list[str] = []
    scripts = [FixedRecogniser("", script, asked) for script in ("Cyrl", "Thai", "Beng", "Knda")]
    guess = {"Cyrl": MIN_GUESS / 2, "Thai": MIN_GUESS, "Beng": 0.9}
    search = ScriptSearch(ScriptReaders(*scripts), lambda strip: guess)
    search.read_again(PHOTO, [box()])
    assert asked == ["Beng", "Thai", "Knda"]  # nothing is known of the last: it is tried
    asked.clear()
    search.read_again(PHOTO, [box("СКЛАД")])  # a hint counts more than shapes
    assert asked[0] == "Cyrl"


def test_capitals_that_look_like_latin_ones_are_tried_in_both_scripts() -> None:
    asked: list[str] = []
    scripts = [FixedRecogniser("", script, asked) for script in ("Cyrl", "Thai", "Grek")]
    unlikely = dict.fromkeys(("Cyrl", "Thai", "Grek"), 0.0)
    search = ScriptSearch(ScriptReaders(*scripts), lambda strip: unlikely)
    search.read_again(PHOTO, [box("CKAAA", confidence=0.99)])
    search.read_again(PHOTO, [box("CKAAA", confidence=0.5)])
    assert asked == ["Cyrl", "Grek", "Cyrl", "Grek"]


def test_no_model_is_loaded_where_nothing_was_read_and_nothing_looks_like_letters() -> None:
    kannada = FixedRecogniser("ಹಿಮಾಲಯ", "Knda")
    guess = {NO_SCRIPT: (1 + MAX_NOTHING) / 2}
    search = ScriptSearch(kannada, lambda strip: guess)
    assert search.read_again(PHOTO, [box("")]) == {}
    assert kannada.asked == []
    assert search.read_again(PHOTO, [box("2d Bo2oo")])  # RapidOCR has read something
