"""What is said of text that was found and not read."""

import importlib.util

import numpy as np
import pytest

from geoagent_graph.perception.rapid_ocr import TextBox
from geoagent_graph.perception.tesseract import MODELS
from geoagent_graph.perception.unread import (
    MIN_LONG_WRITING_SCORE,
    MIN_WRITING_SCORE,
    is_writing,
    left_out_note,
    unread_note,
)


def box(score: float = 0.9, width: int = 120, height: int = 40) -> TextBox:
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return TextBox(corners, np.zeros((height, width, 3), np.uint8), "", 0.0, score)


def test_writing_is_what_the_detector_is_sure_of_and_is_longer_than_high() -> None:
    assert is_writing(box())
    assert not is_writing(box(score=MIN_WRITING_SCORE - 0.01, width=80))
    assert not is_writing(box(width=50))
    assert not is_writing(box(width=30, height=9))


def test_the_detector_may_be_less_sure_of_a_long_line() -> None:
    assert is_writing(box(score=MIN_LONG_WRITING_SCORE))
    assert not is_writing(box(score=MIN_LONG_WRITING_SCORE - 0.01))
    assert not is_writing(box(score=MIN_LONG_WRITING_SCORE, width=90))


def test_what_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    note = unread_note("", [script for script in MODELS if script not in ("Thai", "Hebr")])
    assert note.startswith("text here in a script that I cannot read: install Debian's")
    assert "(tesseract-ocr-script-hebr, tesseract-ocr-script-thai)" in note


def test_a_letter_that_was_read_names_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert unread_note("οδός", ()) == (
        "text here in Greek letters, which I cannot read: install Debian's "
        "tesseract-ocr-script-grek and `geoagent-graph[ocr]`, or pull a model "
        "(`geoagent weights list`)"
    )


def test_with_every_model_installed_nothing_is_advised() -> None:
    assert "install" not in unread_note("", tuple(MODELS))


def test_what_was_left_out_is_counted() -> None:
    assert left_out_note(1) == "the photo is full of text: 1 smaller line of it left unread"
    assert "17 smaller lines" in left_out_note(17)
