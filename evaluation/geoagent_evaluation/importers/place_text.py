"""A place in words: a short answer, or the lines of a longer one that say where."""

import re
from collections.abc import Mapping
from typing import Any, Final

from geoagent_evaluation.importers.answer import MAX_PLACE_CHARS

MAX_SHORT_CHARS: Final = 120
MAX_SHORT_WORDS: Final = 10  # more are a sentence
_UNKNOWN: Final = re.compile(
    r"(unknown|unspecified|unidentified|undetermined|unclear|unsure|indeterminate|none|null|nan"
    r"|n/?a|-*|not (applicable|available|specified|known|sure|visible|provided|determined|possible"
    r"|identifiable|enough [a-z ]{1,30}))",
    re.IGNORECASE,
)
_LINE: Final = re.compile(
    r"^[\s*#>\-]*(final answer|answer|location|place|country|state|region|province|city|town)"
    r"[\s*]*[:：][\s*]*([^\n]{1,300})$",
    re.IGNORECASE | re.MULTILINE,
)
_REFUSALS: Final = (
    "i cannot", "i can't", "i can not", "i'm sorry", "i am sorry", "i'm unable", "i am unable",
    "unable to determine", "cannot be determined", "not able to", "i'm not able",
    "cannot determine", "can't determine", "decline to",
)  # fmt: skip
# Small before large, as gazetteers are asked.
FIELDS: Final[tuple[tuple[str, ...], ...]] = (
    ("city", "town", "municipality", "locality"),
    ("state", "region", "province", "stateorprovince", "provinceorstate", "admin1"),
    ("country", "countryname", "nation"),
)


def place_of_fields(values: Mapping[str, Any]) -> str:
    """Return "city, region, country" of what is stated; `values` has normalised keys."""
    parts = []
    for names in FIELDS:
        stated = (values.get(name) for name in names)
        parts.append(next((clean_place(one) for one in stated if isinstance(one, str)), ""))
    return ", ".join(part for part in parts if part)


def place_of_text(text: str) -> str:
    """Return the place that a reply names, small before large; empty where it names none."""
    lines = {match[1].casefold(): match[2] for match in _LINE.finditer(text)}
    for whole in ("final answer", "answer", "location", "place"):
        if whole in lines:
            return clean_place(lines[whole])
    if lines:
        return place_of_fields(lines)
    short = text.strip()
    if len(short) > MAX_SHORT_CHARS or "\n" in short or len(short.split()) > MAX_SHORT_WORDS:
        return ""
    return clean_place(short)


def is_refusal(text: str) -> bool:
    """Say whether a reply declines to name a place."""
    plain = text.casefold().replace("’", "'")
    return any(words in plain for words in _REFUSALS) or is_unknown(plain)


def is_unknown(text: str) -> bool:
    """Say whether a text stands where a place should and says that there is none."""
    return bool(_UNKNOWN.fullmatch(text.strip(" .*\"'\n")))


def clean_place(text: str) -> str:
    """Return a name without marks around it; "Country; Region; Place" turned small before large."""
    plain = text.strip().strip("*_`\"'[](){}").strip().rstrip(".")
    large_first = ";" in plain
    parts = [part.strip() for part in re.split(r";" if large_first else r",", plain)]
    stated = [part for part in parts if len(part) > 1 and not is_unknown(part)]
    return ", ".join(stated[::-1] if large_first else stated)[:MAX_PLACE_CHARS]
