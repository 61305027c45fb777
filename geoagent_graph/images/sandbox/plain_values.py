"""Values of tags as bounded plain JSON."""

import math
from typing import Any

MAX_TEXT_CHARS = 200
MAX_NUMBERS = 3
MAX_ANGLE_DEG = 360.0  # a rational above it is no coordinate as it stands
_SIGNED_FROM = 1 << 31  # a negative number that was written into an unsigned field


def plain(value: Any) -> Any:
    """Return a tag as text, as a list of at most three numbers (None: not finite), or None."""
    if isinstance(value, bytes):
        value = value[:MAX_TEXT_CHARS].decode("utf-8", "replace")
    if isinstance(value, str):
        return value[:MAX_TEXT_CHARS]
    if isinstance(value, tuple):
        return [number(part) for part in value[:MAX_NUMBERS]]
    return None if value is None else [number(value)]


def number(value: Any) -> float | None:
    """Return a finite float, or None (a rational over zero, a value that is no number)."""
    try:
        result = float(_as_signed(value))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def _as_signed(value: Any) -> Any:
    """Return a rational whose numerator is negative where it was written as if it had no sign."""
    numerator = getattr(value, "numerator", None)
    denominator = getattr(value, "denominator", None)
    if (
        not isinstance(value, int)
        and isinstance(numerator, int)
        and isinstance(denominator, int)
        and denominator != 0
        and _SIGNED_FROM <= numerator < 2 * _SIGNED_FROM
        and numerator / denominator > MAX_ANGLE_DEG
    ):
        return (numerator - 2 * _SIGNED_FROM) / denominator
    return value
