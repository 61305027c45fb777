"""One field of one row, checked: a number in its range, a word, a flag; or what is wrong."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

MAX_WORD_CHARS: Final = 512
MAX_SHOWN_CHARS: Final = 40
NOT_STATED: Final = math.nan
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_OTHER_NAMES: Final = {
    "lat_deg": frozenset(("lat", "latitude", "gps_lat", "y")),
    "lon_deg": frozenset(("lon", "lng", "long", "longitude", "gps_lon", "x")),
}

Row = Mapping[str, Any]


class RowProblem(Exception):
    """What is wrong with a row: the field, empty for the row as a whole, and a clause."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


def number_field(row: Row, name: str, low: float, high: float) -> float:
    """Return a number between `low` and `high`, NaN where the row does not state one."""
    value = row.get(name)
    if value is None:
        return NOT_STATED
    if type(value) is float and low <= value <= high:  # most of them, and cheaper so
        return value
    if type(value) is float or type(value) is int:  # a boolean is an int to isinstance
        if low <= value <= high:
            return float(value)
        bounds = f"at least {low:g}" if high == math.inf else f"between {low:g} and {high:g}"
        if value == math.inf or value != value:  # NaN alone differs from itself
            raise RowProblem(name, f"{value} is not a finite number")
        raise RowProblem(name, f"{shown_value(value)} is not {bounds}")
    raise RowProblem(name, f"{shown_value(value)} is {kind_of(value)}, not a number")


def other_name(row: Row, name: str) -> str:
    """Return a clause that names a column which looks like the coordinate `name`, or nothing."""
    other = next((key for key in row if key.lower() in _OTHER_NAMES[name]), None)
    return "" if other is None else f"; the column {shown_value(other)} must be called {name}"


def word_field(row: Row, name: str, max_chars: int = MAX_WORD_CHARS) -> str | None:
    """Return a word without control characters, None where the row does not state one."""
    value = row.get(name)
    if value is None:
        return None
    return checked_word(value, name, max_chars)


def checked_word(value: object, name: str, max_chars: int = MAX_WORD_CHARS) -> str:
    """Return a value that is a word: text, not empty, bounded, no control characters.

    Raises:
        RowProblem: it is not.
    """
    if type(value) is not str:
        raise RowProblem(name, f"{shown_value(value)} is {kind_of(value)}, not text")
    if not value or value.isspace():
        raise RowProblem(name, "is empty")
    if len(value) > max_chars:
        raise RowProblem(name, f"has {len(value)} characters, more than {max_chars}")
    if not value.isprintable() and _CONTROLS.search(value):
        raise RowProblem(name, f"{shown_value(value)} holds a control character")
    return value


def flag_field(row: Row, name: str) -> bool | None:
    """Return true or false, None where the row does not state it."""
    value = row.get(name)
    if value is None or type(value) is bool:
        return value
    raise RowProblem(name, f"{shown_value(value)} is {kind_of(value)}, not true or false")


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words."""
    if type(value) is bool:
        return "true or false"
    names = {str: "text", dict: "an object", list: "a list", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)


def shown_value(value: object) -> str:
    """Return a value for an error: short, on one line."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a number of thousands of digits"
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[: MAX_SHOWN_CHARS - 3]}..."
