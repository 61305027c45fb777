"""Dates in figures: the orders they may be in, and where these are usual."""

import pytest

from geoagent_graph.evidence.sources.dates import date_clues, date_likelihood
from tests.support.evidence_cases import model, text_clue


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Valid until 12/31/2024", "M/D/Y"),
        ("Gültig bis 31.12.2024", "D.M.Y"),
        ("Ab 04.05.2024", "D.M.Y,M.D.Y"),
        ("Öppnar 2025-08-19", "Y-M-D"),
        ("Nyitás 2025.09.15.", "Y.M.D"),
        ("geöffnet 31.13.2024", None),
        ("Tel. 31.12.20245", None),
        ("8:00-18:00", None),
        ("1/2", None),
    ],
)
def test_orders_of_dates(text: str, order: str | None) -> None:
    found = [clue.attributes["order"] for clue in date_clues([text_clue(text)])]
    assert found == ([order] if order else [])


@pytest.mark.parametrize(
    ("text", "likely", "unlikely"),
    [
        ("Valid until 12/31/2024", "US", "GB"),
        ("Until 31/12/2024", "GB", "US"),
        ("Gültig bis 31.12.2024", "DE", "FR"),
        ("2025年3月31日まで", "JP", "DE"),
        ("2025년 3월 31일까지", "KR", "JP"),
    ],
)
def test_a_custom_is_evidence_and_no_exclusion(text: str, likely: str, unlikely: str) -> None:
    (clue,) = date_clues([text_clue(text)])
    found = date_likelihood(clue, model().town_table)
    assert found is not None
    number_of = model().town_table.number_of
    gap = found.country[number_of[likely]] - found.country[number_of[unlikely]]
    assert 0.3 < gap < 2.0
    assert "usual way in" in found.description
