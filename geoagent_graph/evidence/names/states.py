"""States written as an abbreviation: "Springfield, IL 62701", "PERTH, WA"."""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

CLUE_SOURCE = "postal_codes"
MAX_STATES = 2
_MAX_TOWN_WORDS = 3
_STATE = re.compile(
    r"(?P<town>[^\W\d_][^\d,]{2,40}?)(?P<comma>,)?\s+(?P<state>[A-Z]{2,3})"
    r"(?P<code>\s+(?:\d{4,5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d))?\s*$"
)
_DIGITS = {"US": 5, "AU": 4}


def state_clues(lines: Sequence[Clue], town_table: TownTable | None = None) -> list[Clue]:
    """Return `place_name` clues for states written as "Springfield, IL", "IL 62701" or "Perth WA".

    Where nothing but a blank stands between them, and in a line of capitals, two letters may be
    anything: there the state must hold a town of the name before it, which needs the table of
    towns. Of a line of capitals a blank is not enough: PARIS OR ROME.
    """
    found: dict[str, Clue] = {}
    for line in lines:
        match = _STATE.search(line.text)
        if match is None or not _may_be_state(match):
            continue
        country, name = state_behind(line.text, town_table)
        marked = bool(match["comma"] or match["code"]) and not line.text.isupper()
        if country and (marked or _holds_town(match["town"], country, name, town_table)):
            found.setdefault(match["state"], _state_clue(match["state"], name, country, line))
    return list(found.values())[:MAX_STATES]


def state_behind(text: str, town_table: TownTable | None = None) -> tuple[str, str]:
    """Return (country code, name) of the state at the end of a line; empty texts for none.

    WA is Washington and Western Australia: the postal code tells, else which one holds the town.
    """
    match = _STATE.search(text)
    if match is None or not _may_be_state(match):
        return "", ""
    written = (match["code"] or "").strip()
    states = [
        (country, name)
        for country, name in states_of_abbreviation(match["state"])
        if not written or _may_be_code(written, country)
    ]
    holding = [state for state in states if _holds_town(match["town"], *state, town_table)]
    return (holding or states or [("", "")])[0]


def states_of_abbreviation(abbreviation: str) -> list[tuple[str, str]]:
    """Return (country code, name) of every state of this abbreviation."""
    states = table("subdivisions")
    return [
        (country, str(states[country][abbreviation]))
        for country in ("US", "CA", "AU")
        if abbreviation in states[country]
    ]


def state_of_abbreviation(abbreviation: str, digits: int = 0) -> tuple[str, str]:
    """Return (country code, name) of a state whose codes have so many digits; else empty texts."""
    found = [
        state
        for state in states_of_abbreviation(abbreviation)
        if not digits or _DIGITS.get(state[0]) == digits
    ]
    return (found or [("", "")])[0]


def _may_be_state(match: re.Match[str]) -> bool:
    return bool(match["comma"] or match["code"]) or not match.string.isupper()


def _may_be_code(written: str, country: str) -> bool:
    if country == "CA":
        return written[0].isalpha()
    return written.split("-")[0].isdigit() and len(written.split("-")[0]) == _DIGITS[country]


def _holds_town(before: str, country: str, name: str, town_table: TownTable | None) -> bool:
    """Say whether the state holds a town of the name that ends a text."""
    if town_table is None or not country:
        return False
    words = before.split()[-_MAX_TOWN_WORDS:]
    inside = [
        town_table.towns_of_region(number, region)
        for number, region in town_table.regions.get(fold(name), ())
        if town_table.codes[number] == country
    ]
    keys = (fold(" ".join(words[first:])) for first in range(len(words)))
    return any(
        len(np.intersect1d(town_table.gazetteer.matches(key), towns))
        for key in keys
        for towns in inside
    )


def _state_clue(abbreviation: str, name: str, country: str, line: Clue) -> Clue:
    attributes = {
        "name": name,
        "normalized": fold(name),
        "context": "address",
        "country_code": country,
    }
    return clue_from_line("place_name", f"“{abbreviation}”, {name}", line, CLUE_SOURCE, attributes)
