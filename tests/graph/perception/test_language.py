"""The language of a line, and where none is named."""

import sys
from importlib.util import find_spec

import pytest

from geoagent_graph.perception import language as language_module
from geoagent_graph.perception.language import language_of

needs_detector = pytest.mark.skipif(
    find_spec("eldc") is None, reason="eldc has no wheel for this system"
)


@needs_detector
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Rua de Santa Catarina", "pt"),
        ("Bäckerei Müller", "de"),
        ("вулиця Шевченка", "uk"),
        ("Οδός", "el"),
        ("전주", "ko"),
        ("EXIT", None),
        ("Nan", None),
        ("www.hostal-acueducto.es", None),
        ("+351 253 514 022", None),
        ("", None),
    ],
)
def test_language_of_lines_long_enough(text: str, language: str | None) -> None:
    found, confidence = language_of(text)
    assert found == language
    assert (confidence > 0.5) == (language is not None)


def test_a_guess_in_doubt_is_little_trusted() -> None:
    assert language_of("Farmácia")[1] <= 0.3


def test_a_script_of_one_language_decides_from_two_letters_on() -> None:
    assert language_of("ไท") == ("th", 0.95)
    assert language_of("ท") == (None, 0.0)


@pytest.fixture
def no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import `eldc` as where it is not installed."""
    monkeypatch.setattr(language_module, "_detectors", [])
    monkeypatch.setitem(sys.modules, "eldc", None)


@pytest.mark.usefixtures("no_detector")
def test_without_the_detector_scripts_alone_decide() -> None:
    assert language_of("Rua de Santa Catarina") == (None, 0.0)
    assert language_of("Οδός Ερμού") == ("el", 0.95)
    assert language_of("вулиця Шевченка") == (None, 0.0)
