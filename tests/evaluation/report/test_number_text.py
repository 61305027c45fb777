"""Numbers as people read them."""

import pytest
from geoagent_evaluation.report.number_text import format_figure, format_interval, format_value
from geoagent_evaluation.scoring.figures import Figure, Unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.12345, "share", "12.3 %"),
        (4551.4, "km", "4,551 km"),
        (40.04, "km", "40.0 km"),
        (0.0456, "km", "0.046 km"),
        (1.5, "seconds", "1.50 s"),
        (-0.31, "nats", "−0.310 nats"),
        (3021.4, "points", "3,021"),
        (0.1866, "area", "0.187"),
        (float("nan"), "km", "–"),
        (None, "share", "–"),
    ],
)
def test_values_have_the_digits_that_they_can_carry(
    value: float | None, unit: str, text: str
) -> None:
    assert format_value(value, unit).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("unit", "low", "high", "text"),
    [
        ("share", 0.1, 0.25, "10.0–25.0"),
        ("nats", -0.5, 0.25, "−0.500 to 0.250"),
        ("km", None, None, ""),
        ("km", 1.0, float("inf"), ""),
    ],
)
def test_intervals_are_empty_without_both_ends(
    unit: Unit, low: float | None, high: float | None, text: str
) -> None:
    assert format_interval(Figure("x", 0.2, unit, 5, low=low, high=high)) == text


def test_a_brier_score_is_no_percentage() -> None:
    assert format_figure(Figure("brier", 0.1937, "share", 5)) == "0.194"
