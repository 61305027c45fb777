"""Coordinates in words: "(48.8, 2.3)", "48.85 N, 2.35 E", "Latitude: 48.8 ... Longitude: 2.3"."""

import re
from typing import Final

from geoagent_evaluation.importers.answer import Point

MAX_TEXT_CHARS: Final = 200_000
_DIGITS: Final = r"[+\-\u2212]?\d{1,3}(?:\.\d{1,20})?"
_DECIMALS: Final = r"[+\-\u2212]?\d{1,3}\.\d{1,20}"
_LABELLED: Final = re.compile(
    rf"\blat(?:itude)?\b[^\d+\-\u2212\n]{{0,12}}({_DIGITS})[^\n\d]{{0,20}}\n?[^\n\d]{{0,20}}?"
    rf"\b(?:lon|lng|long|longitude)\b[^\d+\-\u2212\n]{{0,12}}({_DIGITS})",
    re.IGNORECASE | re.ASCII,
)
# Minus, degrees, minutes and seconds are optional; the hemisphere is not.
_ANGLE: Final = (
    r"(\d{1,3}(?:\.\d{1,20})?)\s?\u00c2?[°º]?\s?(?:(\d{1,2}(?:\.\d{1,20})?)\s?['′’]\s?)?"
    r'(?:(\d{1,2}(?:\.\d{1,20})?)\s?(?:["″”]|\'\')\s?)?'
)
_HEMISPHERES: Final = re.compile(
    rf"(?<![\d.]){_ANGLE}([NS])\b[\s,;/]{{0,3}}{_ANGLE}([EW])\b", re.IGNORECASE | re.ASCII
)
_ONE_ANGLE: Final = re.compile(rf"{_ANGLE}([NSEW])", re.IGNORECASE | re.ASCII)
_PAIR: Final = re.compile(
    rf"(?<![\d.])({_DECIMALS})\s?°?\s?[,;/ ]\s?({_DECIMALS})(?![\d.]\d)", re.ASCII
)
_ALONE: Final = re.compile(
    rf"\s*[(\[]?\s*({_DIGITS})\s*(?:[,;]|\s)\s*({_DIGITS})\s*[)\]]?\s*", re.ASCII
)


def find_point(text: str) -> Point | None:
    """Return the last point that a text names; None where it names none.

    What has labels or hemispheres counts before a bare pair, and a bare pair inside words must have
    decimals in both. Latitude comes first.
    """
    text = text[-MAX_TEXT_CHARS:]
    alone = _ALONE.fullmatch(text) if len(text) < 100 else None
    if alone:
        return Point(_number(alone[1]), _number(alone[2]))
    labelled = _last(_LABELLED, text)
    if labelled:
        return Point(_number(labelled[1]), _number(labelled[2]))
    angles = _last(_HEMISPHERES, text)
    if angles:
        return Point(_degrees(*angles.group(1, 2, 3, 4)), _degrees(*angles.group(5, 6, 7, 8)))
    pair = _last(_PAIR, text)
    return Point(_number(pair[1]), _number(pair[2])) if pair else None


def read_angle(text: str) -> float | None:
    """Return the degrees of one angle with its hemisphere ("48°51' N"), None for others."""
    found = _ONE_ANGLE.fullmatch(text.strip()[:60])
    return _degrees(*found.group(1, 2, 3, 4)) if found else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


def _degrees(degrees: str, minutes: str | None, seconds: str | None, letter: str) -> float:
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -value if letter.upper() in "SW" else value
