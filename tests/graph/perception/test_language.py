"""The language of a line, and where none is named."""

import pytest

from geoagent_graph.perception.language import language_of


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
