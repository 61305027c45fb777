"""The script and the language of short texts."""

import pytest

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
def test_script_by_majority_of_letters(text: str, script: str | None) -> None:
    assert script_of(text) == script


def test_marks_do_not_count_as_letters() -> None:
    assert letter_count("Tel. 12") == 3


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("銀行藥局門國", "Hant"),
        ("銀行藥局门國", "Hant"),  # one simplified letter among traditional ones
        ("中国农业银行藥", "Hans"),  # one traditional letter among simplified ones
        ("门門", "Hant"),
    ],
)
def test_the_kind_of_han_is_that_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script
