"""Names of days and months, and hours written with a letter: which languages write them so."""

import re
from functools import cache

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.geo.names import fold

_NAME = r"[^\W\d_][^\W\d_'’-]{1,13}"
_BETWEEN = (
    r"\s?(?:[-–—~/]|\b(?:a|à|al|alla|au|bis|do|to|til|till|tot|t/m|până la|până|pana la|до|по|ate|"
    r"até|e|et|y|und|i|en|og|och|ja|ve|и|та)\b)\s?"
)
_DAYS = re.compile(rf"(?<![\w-])({_NAME})\.?{_BETWEEN}({_NAME})(?![\w-])", re.IGNORECASE)
_MONTH = re.compile(
    rf"(?<!\w)\d{{1,2}}\.?\s?(?:de |d['’])?({_NAME})\.?,?\s?(?:de |del )?(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
_HOURS = re.compile(r"(?<![\w.,])(?:[01]?\d|2[0-4])\s?[hH](?:[0-5]\d)?(?!\w)")
_HOUR_LANGUAGES = ("fr", "pt", "ca", "es", "gl", "ro")
_MIN_LETTERS_ALONE = 3


def calendar_languages(text: str) -> list[tuple[tuple[str, ...], float]]:
    """Return what the calendar says: the languages that write so, P(so | another language).

    One day by itself is a word like others; two of one language in a row are hardly anything else.
    """
    weights = parameters().calendar
    has_figure = any(letter.isdigit() for letter in text)
    found = []
    for match in _DAYS.finditer(text):
        first, second = fold(match[1]), fold(match[2])
        # "Sa-Di" may be a name, "Mo-Fr 9-18" is not
        long = min(len(first), len(second)) >= _MIN_LETTERS_ALONE
        languages = _languages_of_days(first, second) if has_figure or long else ()
        if languages:
            found.append((languages, weights.day_names_elsewhere))
    for match in _MONTH.finditer(text):
        if languages := _month_languages().get(fold(match[1]), ()):
            found.append((languages, weights.day_names_elsewhere))
    if len(_HOURS.findall(text)) > 1 or (found and _HOURS.search(text)):
        found.append((_HOUR_LANGUAGES, weights.hour_form_elsewhere))
    return found[:4]


def _languages_of_days(first: str, second: str) -> tuple[str, ...]:
    """Return the languages in which both are different days of the week."""
    days = _days_by_name()
    starts, ends = days.get(first, {}), days.get(second, {})
    return tuple(name for name in starts if name in ends and starts[name] != ends[name])


@cache
def _days_by_name() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for language, days in table("calendar")["days"].items():
        for number, names in enumerate(days):
            for name in names:
                found.setdefault(name, {})[language] = number
    return found


@cache
def _month_languages() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for language, names in table("calendar")["months"].items():
        for name in names:
            found[name] = (*found.get(name, ()), language)
    return found
