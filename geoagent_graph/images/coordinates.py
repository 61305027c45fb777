"""One coordinate as files write it: rationals or text, with a hemisphere or a sign."""

import re
from dataclasses import dataclass
from typing import Any, Literal

Axis = Literal["latitude", "longitude"]
LIMIT_DEG = {"latitude": 90.0, "longitude": 180.0}
MAX_MINUTES = 60.0001  # rounded up by some programs
MAX_DECIMALS = 7
_UNIT_DEG = (1.0, 1.0 / 60.0, 1.0 / 3600.0)
_HEMISPHERES = {"latitude": {"N": 1, "S": -1}, "longitude": {"E": 1, "W": -1}}
_NUMBER = re.compile(r"\d+/\d+|\d+(?:\.\d*)?|\.\d+")
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3},\d{3,}")
_AROUND_NUMBERS = re.compile(r"[\s,;:°º*'’′\"”″]|deg|min|sec", re.IGNORECASE)
_SIGN = re.compile(r"^\s*[A-Za-z]?\s*([+-])")


class BadCoordinate(ValueError):
    """Why a coordinate that is there is not understood, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Coordinate:
    """A signed coordinate, and how fine its digits are, both in degrees.

    `note` is what its reader must know of how it was understood, as the end of a sentence.
    """

    degrees: float
    step_deg: float
    note: str | None = None


def read_coordinate(value: Any, reference: str | None, axis: Axis) -> Coordinate:
    """Return a coordinate from up to three numbers or a text, and its hemisphere.

    Seconds or minutes that are no number (0/0) are taken as not given. A sign counts where there is
    no hemisphere, and before one that contradicts it.

    Raises:
        BadCoordinate: it is there and not understood.
    """
    if isinstance(value, str):
        parts, is_negative, hemisphere = _read_text(value, axis)
    else:
        parts, is_negative = _read_numbers(value)
        hemisphere = None
    hemisphere = hemisphere or _hemisphere_of(reference, axis)
    magnitude = sum(part * unit for part, unit in zip(parts, _UNIT_DEG, strict=False))
    is_fine = magnitude <= LIMIT_DEG[axis] and all(part < MAX_MINUTES for part in parts[1:])
    if not is_fine:  # so that what is no number fails as well
        raise BadCoordinate("is out of range")
    signed_text = isinstance(value, str) and reference is None
    sign, note = _sign_of(hemisphere, is_negative, axis, signed_text)
    return Coordinate(sign * magnitude, _step_deg(parts), note)


def _read_numbers(value: Any) -> tuple[list[float], bool]:
    """Return the sizes of degrees, minutes and seconds, and whether one is negative."""
    if not isinstance(value, list) or not value or value[0] is None:
        raise BadCoordinate("is not a number")
    numbers = [0.0 if part is None else float(part) for part in value[:3]]
    return [abs(number) for number in numbers], any(number < 0.0 for number in numbers)


def _read_text(text: str, axis: Axis) -> tuple[list[float], bool, str | None]:
    """Return the same of a text such as "33,26.934S" or "-33.4489", and its hemisphere."""
    text = text.split("\0", 1)[0].strip()
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    parts = [_fraction(part) for part in _NUMBER.findall(text)]
    rest = _AROUND_NUMBERS.sub("", _NUMBER.sub("", text)).upper()
    letter = rest.strip("+-")
    if not 1 <= len(parts) <= 3 or len(rest) > len(letter) + 1:
        raise BadCoordinate("is not a number")
    hemisphere = _hemisphere_of(letter, axis)
    if letter and hemisphere is None:
        raise BadCoordinate("is not a number")
    sign = _SIGN.match(text)
    return parts, sign is not None and sign[1] == "-", hemisphere


def _fraction(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    if not denominator:
        return float(numerator)
    return float(numerator) / float(denominator) if float(denominator) else 0.0


def _hemisphere_of(reference: str | None, axis: Axis) -> str | None:
    """Return N, S, E or W of a letter or a word; None for anything else."""
    word = (reference or "").strip().upper()
    words = {"NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W"}
    letter = words.get(word, word)
    return letter if letter in _HEMISPHERES[axis] else None


def _sign_of(
    hemisphere: str | None, is_negative: bool, axis: Axis, is_signed: bool
) -> tuple[int, str | None]:
    if hemisphere is None:
        if is_negative or is_signed:
            return (-1 if is_negative else 1), None
        positive, negative = _HEMISPHERES[axis]
        raise BadCoordinate(f"does not say {positive} or {negative}")
    sign = _HEMISPHERES[axis][hemisphere]
    if is_negative and sign > 0:
        return -1, f"is negative and says {hemisphere}: the sign was taken"
    return sign, None


def _step_deg(parts: list[float]) -> float:
    """Return how fine the digits are: the last digit of the smallest unit that is not zero."""
    used = max((index for index, part in enumerate(parts) if part), default=0)
    return float(_UNIT_DEG[used] * 10.0 ** -_decimals(parts[used]))


def _decimals(number: float) -> int:
    for digits in range(MAX_DECIMALS):
        if abs(number - round(number, digits)) < 0.5 * 10.0**-MAX_DECIMALS:
            return digits
    return MAX_DECIMALS
