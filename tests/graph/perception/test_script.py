import pytest

from geoagent_graph.perception.language import language_of
from geoagent_graph.perception.script import letter_count, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Straße 12", "Latn"),
        ("проспект Ленина", "Cyrl"),
        ("Καβάλα", "Grek"),
        ("전주 063-284", "Hang"),
        ("الطائف", "Arab"),
        ("ลำปาง", "Thai"),
        ("जोधपुर", "Deva"),
        ("חיפה", "Hebr"),
        ("ქუთაისი", "Geor"),
        ("Գյումրի", "Armn"),
        ("সিলেট", "Beng"),
        ("மதுரை", "Taml"),
        ("扬州", "Hans"),
        ("臺南", "Hant"),
        ("堺町通り", "Jpan"),
        ("金沢", "Jpan"),
        ("中山", "Hani"),
        ("Hotel Звезда Москва", "Cyrl"),
        ("061-270", None),
        ("", None),
        ("€ → ☑", None),
    ],
)
def test_script_by_majority_of_letters(text, script):
    assert script_of(text) == script


def test_marks_do_not_count_as_letters():
    assert letter_count("Tel. 12") == 3


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
def test_language_of_lines_long_enough(text, language):
    found, confidence = language_of(text)
    assert found == language
    assert (confidence > 0.5) == (language is not None)


def test_a_guess_in_doubt_is_little_trusted():
    assert language_of("Farmácia")[1] <= 0.3
