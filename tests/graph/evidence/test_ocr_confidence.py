"""How far a reading is trusted: letters of a script of its own, and a guess at its language."""

import pytest

from geoagent_graph.evidence.ocr_confidence import letter_count, own_share, script_trust
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.types import Clue


def line(text: str, script: str = "Latn", confidence: float | None = 0.95) -> Clue:
    """Return a line of text as a reader gives it."""
    return Clue(
        id="text:0",
        kind="text",
        text=text,
        source="reader",
        confidence=confidence,
        attributes={"script": script},
    )


def test_only_letters_of_text_are_counted() -> None:
    assert letter_count(line("B-52 über_x!")) == 6
    assert letter_count(line("B-52").model_copy(update={"kind": "script"})) == 0
    assert letter_count(line("")) == 0


def test_latin_letters_are_trusted_at_any_confidence() -> None:
    assert script_trust(line("abc", confidence=0.0)) == 1.0


@pytest.mark.parametrize(
    ("confidence", "trust"), [(0.6, 0.0), (0.3, 0.0), (0.725, 0.5), (0.85, 1.0), (None, 1.0)]
)
def test_trust_in_a_script_grows_with_the_confidence(
    confidence: float | None, trust: float
) -> None:
    assert script_trust(line("улица", "Cyrl", confidence)) == pytest.approx(trust)


def test_stray_letters_between_take_trust_away() -> None:
    # of the letters between the first and the last of its own, one of three is a stray
    assert script_trust(line("у1л", "Cyrl")) == pytest.approx((2 / 3) ** 2)
    assert script_trust(line("улица 12", "Cyrl")) == 1.0  # a house number beside it is none
    assert script_trust(line("12", "Cyrl")) == 0.0


def test_names_and_words_known_everywhere_tell_no_language() -> None:
    least = parameters().language.least_own_share
    assert own_share(line("Berlin"), ["Berlin"]) == least
    assert own_share(line("Hotel"), []) == least
    assert own_share(line("Berlin schön"), ["Berlin"]) == pytest.approx(5 / 11)
    assert own_share(line("어서오세요 Berlin", "Hang"), ["Berlin"]) == 1.0
