"""Numbers as people read them: rounded to what they can carry, with their unit and interval."""

import math

from geoagent_evaluation.scoring.figures import Figure

NO_BREAK = "\u00a0"
NOT_KNOWN = "–"


def format_value(value: float | None, unit: str) -> str:
    """Return a value with its unit, "–" where there is none or it is not finite."""
    if value is None or not math.isfinite(value):
        return NOT_KNOWN
    if unit == "share":
        return f"{_format_percent(value)}{NO_BREAK}%"
    suffix = {"km": f"{NO_BREAK}km", "seconds": f"{NO_BREAK}s", "nats": f"{NO_BREAK}nats"}.get(
        unit, ""
    )
    return f"{format_number(value, unit)}{suffix}"


def format_figure(figure: Figure) -> str:
    """Return the value of a figure with its unit."""
    return format_value(figure.value, _unit_to_show(figure))


def format_interval(figure: Figure) -> str:
    """Return "low–high" without the unit, empty where the figure has no interval."""
    if figure.low is None or figure.high is None:
        return ""
    if not (math.isfinite(figure.low) and math.isfinite(figure.high)):
        return ""
    unit = _unit_to_show(figure)
    low, high = (
        _format_percent(end) if unit == "share" else format_number(end, unit)
        for end in (figure.low, figure.high)
    )
    joint = " to " if low.startswith("−") or high.startswith("−") else "–"
    return f"{low}{joint}{high}"


def format_number(value: float, unit: str = "") -> str:
    """Return a number with as many digits as its size calls for, thousands set apart."""
    size = abs(value)
    if unit in {"count", "points"} or size >= 100:
        text = f"{value:,.0f}"
    elif unit in {"nats", "area"}:
        text = f"{value:.3f}"
    elif size >= 10:
        text = f"{value:.1f}"
    else:
        text = f"{value:.2f}" if size >= 0.1 or value == 0.0 else f"{value:.2g}"
    return text.replace("-", "−")


def format_count(count: int) -> str:
    """Return a count with thousands set apart."""
    return f"{count:,}"


def _unit_to_show(figure: Figure) -> str:
    """Return the unit a figure is shown in: a Brier score is no share of anything."""
    return "area" if figure.metric == "brier" else figure.unit


def _format_percent(share: float) -> str:
    return f"{100.0 * share:.1f}".replace("-", "−")
