"""Days, months and hours of opening as languages."""

import pytest

from geoagent_graph.evidence.language.calendar_words import calendar_languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Mo-Do 8-17", "de"),
        ("Di bis Sa 10.00-18.30", "de"),
        ("du mardi au samedi", "fr"),
        ("lun-ven 9h-19h", "fr"),
        ("Ter a Sex 8h às 17h", "pt"),
        ("wt.-sob. 9:00", "pl"),
        ("Út-Ne 10-18", "cs"),
        ("ma t/m vr 9-17", "nl"),
        ("Пн-Нд 9:00", "uk"),
        ("Apertura 12 ENE 2025", "es"),
        ("3. března 2024", "cs"),
    ],
)
def test_the_calendar_is_of_a_language(text: str, language: str) -> None:
    found = calendar_languages(text)
    assert found
    assert language in found[0][0]
    assert all(0.0 < elsewhere < 1.0 for _, elsewhere in found)


@pytest.mark.parametrize(
    "text", ["Sa-Di", "Mo-Mo 9-18", "12 km", "24h", "Jean-Marie 2", "MAX 2024"]
)
def test_what_is_no_calendar(text: str) -> None:
    assert calendar_languages(text) == []


def test_hours_with_a_letter_are_of_a_few_languages() -> None:
    ((languages, _),) = calendar_languages("9h30 - 19h")
    assert "fr" in languages
    assert "de" not in languages
