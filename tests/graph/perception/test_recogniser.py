"""Recognisers of further scripts: which reading is believed, and how one is added."""

from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np
import pytest

from geoagent_graph import plugins
from geoagent_graph.errors import InputError
from geoagent_graph.perception.recogniser import (
    LineImage,
    ScriptReading,
    best_reading,
    is_convincing,
    open_recognisers,
)
from geoagent_graph.settings import Settings
from geoagent_graph.testing import FixedRecogniser


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


def test_a_line_has_its_strips_for_recognisers_that_want_clean_letters() -> None:
    pixels = np.full((100, 200, 3), 200, np.uint8)
    corners = np.array([[20, 20], [120, 20], [120, 50], [20, 50]], np.float32)
    strips = LineImage(pixels, corners, pixels[20:50, 20:120]).strips
    assert len(strips) == 2
    assert all(strip.mode == "L" for strip in strips)


def test_a_recogniser_is_added_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, FixedRecogniser("ಹಿಮಾಲಯ", "Knda"))
    (recogniser,) = open_recognisers(Settings(recognisers="kannada"))
    assert recogniser.scripts == ("Knda",)
    assert open_recognisers(Settings()) == []


def test_a_recogniser_that_lacks_a_part_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, SimpleNamespace(name="half", scripts=("Knda",)))
    with pytest.raises(InputError, match="kannada: no recogniser of scripts: it has no `read`"):
        open_recognisers(Settings(recognisers="kannada"))


def test_an_unknown_recogniser_is_said() -> None:
    with pytest.raises(InputError, match=r"no such plug-in of geoagent_graph\.recognisers"):
        open_recognisers(Settings(recognisers="nobody_has_this"))


def install(monkeypatch: pytest.MonkeyPatch, recogniser: object) -> None:
    entry = EntryPoint("kannada", "nothing:nothing", "geoagent_graph.recognisers")
    monkeypatch.setattr(plugins, "entry_points", lambda **which: [entry])
    monkeypatch.setattr(plugins, "_import_object", lambda found: lambda settings: recogniser)
