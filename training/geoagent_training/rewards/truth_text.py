"""Country, region and place of a truth, as data sets write them: the one normaliser.

A truth is "Country; Region; Specific location", the same in `<answer>` tags, as JSON, or columns of
its own. A country's ISO 3166-1 code becomes its English name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from geoagent_training.rewards.answer_fields import is_placeholder, split_names
from geoagent_training.rewards.country_names import country_of_code
from geoagent_training.rewards.place_names import Fields

COUNTRY_COLUMNS: Final = ("country", "country_name", "country_code")
REGION_COLUMNS: Final = ("region", "state", "province", "admin1")
PLACE_COLUMNS: Final = (
    "precise",
    "city",
    "town",
    "place",
    "location",
    "specific_location",
    "precise_location",
    "locality",
    "municipality",
    "village",
)
SOLUTION_COLUMNS: Final = ("solution",)
LEVEL_COLUMNS: Final = (COUNTRY_COLUMNS, REGION_COLUMNS, PLACE_COLUMNS)

NAME_COLUMNS: Final = (*SOLUTION_COLUMNS, *COUNTRY_COLUMNS, *REGION_COLUMNS, *PLACE_COLUMNS)

NO_NAMES: Final[Fields] = ("", "", "")
_MAX_TRUTH_CHARS: Final = 100_000
_MAX_DEPTH: Final = 4
_WRAPPERS: Final = ("finalanswer", "answer", "solution", "groundtruth", "label")
_STAGES: Final = ("CountryIdentification", "RegionalGuess", "PreciseLocalization")
_TAGGED: Final = re.compile(r"<answer>(.{0,2000}?)</answer>", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^```[a-z]*\s*|\s*```$")
_ANSWER_LABEL: Final = re.compile(r"^\W*(?:final )?answer\W*:\W*(?=\w)", re.IGNORECASE)
_MARKUP: Final = re.compile(r"[<>{}\[\]\"`]|\*\*")


def solution_names(solution: Any) -> Fields:
    """Return country, region and place of a solution: a text, JSON, or a parsed JSON value."""
    for _ in range(_MAX_DEPTH):
        if isinstance(solution, str):
            solution = _unwrap_text(solution[:_MAX_TRUTH_CHARS])
        if isinstance(solution, str):
            solution = _labelled_fields(solution) or solution
        if isinstance(solution, str):
            return _clean_names(split_names(solution))
        if isinstance(solution, Mapping):
            named = _mapping_names(solution)
            if named[0]:
                return _clean_names(named)
            solution = _inner_value(solution)
        elif isinstance(solution, Sequence):
            solution = "; ".join(item for item in solution if isinstance(item, str))
        else:
            break
    return NO_NAMES


def column_names(columns: Mapping[str, Any]) -> Fields:
    """Return the names of one row: of its own columns, or of its `solution` without a country."""
    named = tuple(_first_text(columns, names) for names in LEVEL_COLUMNS)
    if named[0]:
        return _clean_names((named[0], named[1], named[2]))
    solved = solution_names(next((columns[n] for n in SOLUTION_COLUMNS if n in columns), None))
    return solved if solved[0] else _clean_names((named[0], named[1], named[2]))


def markup_problem(names: Fields) -> str | None:
    """Return what makes names doubtful on sight: signs of a notation that was not read."""
    for name in names:
        found = _MARKUP.search(name)
        if found:
            return f"{name[:80]!r} holds {found[0]!r}: it is not read as the name of a place"
    return None


def _unwrap_text(text: str) -> Any:
    """Return what stands in answer tags or a code fence, as JSON where it is JSON."""
    tagged = _TAGGED.findall(text)
    inner = _FENCE.sub("", (tagged[-1] if tagged else text).strip()).strip()
    if inner[:1] in ("{", "["):
        try:
            return json.loads(inner)
        except (ValueError, RecursionError):
            return inner
    return inner.strip("*\"' ")


def _labelled_fields(text: str) -> Mapping[str, str] | str:
    """Return the fields of "Country: France; City: Paris" by label, or the text without "Answer:".

    A text whose fields do not all have a label that is known has none.
    """
    bare = _ANSWER_LABEL.sub("", text)
    parts = [part.partition(":") for part in re.split("[;；\n]", bare) if part.strip()]
    labels = [_fold_key(label) for label, _, _ in parts]
    if parts and all(colon for _, colon, _ in parts) and _LABELS.issuperset(labels):
        values = (value.strip("*\"' ") for _, _, value in parts)
        return dict(zip(labels, values, strict=True))
    return bare


def _mapping_names(values: Mapping[Any, Any]) -> Fields:
    """Return what the keys for country, region and place hold, or the conclusions of a chain."""
    named = {_fold_key(key): value for key, value in values.items()}
    fields = [_first_text(named, tuple(map(_fold_key, names))) for names in LEVEL_COLUMNS]
    if fields[0] or any(named.get(key) for key in _WRAPPERS):
        return fields[0], fields[1], fields[2]
    stages = named.get("chainofthought", values)
    said = [stages.get(stage) if isinstance(stages, Mapping) else None for stage in _STAGES]
    ends = [_first_text(s, ("Conclusion",)) if isinstance(s, Mapping) else "" for s in said]
    return ends[0], ends[1], ends[2]


def _inner_value(values: Mapping[Any, Any]) -> Any:
    """Return the value under a key for the answer, None without one."""
    named = {_fold_key(key): value for key, value in values.items()}
    return next((named[key] for key in _WRAPPERS if named.get(key)), None)


def _first_text(values: Mapping[str, Any], names: Sequence[str]) -> str:
    found = (values.get(name) for name in names)
    return next((str(value).strip() for value in found if value not in (None, "")), "")


def _fold_key(key: Any) -> str:
    return "".join(char for char in str(key).casefold() if char.isalnum())


def _clean_names(fields: Fields) -> Fields:
    """Return the fields with the country by name, and nothing where nothing is said."""
    country, region, place = (field.strip() for field in fields)
    named = country_of_code(country)  # "NA" is Namibia, "n/a" is nothing
    country = "" if named == country and is_placeholder(country) else named
    # a region or town may be called None or Nan; "n/a" and "unknown" are no names
    return country, _real_name(region), _real_name(place)


def _real_name(name: str) -> str:
    return "" if name.casefold() in _UNSPOKEN else name


_LABELS: Final = frozenset(_fold_key(name) for names in LEVEL_COLUMNS for name in names)
_UNSPOKEN: Final = frozenset({"unknown", "n/a", "null", "-", "?", "...", "…", "undefined"})
