"""A coordinate as others write it: a plain number, bounded, or why it is none."""

import re
from typing import Any, Final

MAX_SHOWN_CHARS: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d{1,3},\d{1,30}", re.ASCII)
MISSING: Final = frozenset(("", "nan", "none", "null", "na", "n/a"))


class NoDegrees(ValueError):
    """Why a value is no coordinate: a clause that follows the name of its field."""


def read_degrees(value: Any) -> float | None:
    """Return a number of degrees, of any range; None where nothing is stated.

    Raises:
        NoDegrees: it is something else than a number.
    """
    if value is None or (isinstance(value, str) and value.strip().casefold() in MISSING):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NoDegrees(f"{shown(value)} is not a number")
    text = value.strip() if isinstance(value, str) else repr(value)
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise NoDegrees(f"{shown(value)} is not a number of degrees")
    return float(text)


def shown(value: Any) -> str:
    """Return a value for a message: short, on one line."""
    text = ascii(value) if not isinstance(value, int) or abs(value) < 10**30 else "a long number"
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 3]}..."
