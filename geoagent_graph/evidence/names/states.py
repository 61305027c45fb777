"""States written as an abbreviation: "Springfield, IL 62701"."""

import re
from collections.abc import Sequence

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.tables import table
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

CLUE_SOURCE = "postal_codes"
MAX_STATES = 2


def state_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return `place_name` clues for states written as "Springfield, IL" or "IL 62701"."""
    found: dict[str, Clue] = {}
    for line in lines:
        for match in re.finditer(
            r"[A-Za-z]{3,},? ([A-Z]{2,3})(?: \d{4,5}(?:-\d{4})?)?\s*$", line.text
        ):
            country, name = state_of_abbreviation(match[1])
            strict = "," in match[0] or match[0].rstrip()[-1].isdigit()
            if country and strict and not line.text.isupper() | (len(match[1]) < 2):
                found.setdefault(match[1], _state_clue(match[1], name, country, line))
    return list(found.values())[:MAX_STATES]


def state_of_abbreviation(abbreviation: str) -> tuple[str, str]:
    """Return (country code, name) of a state; empty texts for none."""
    states = table("subdivisions")
    for country in ("US", "CA", "AU"):
        if abbreviation in states[country]:
            return country, str(states[country][abbreviation])
    return "", ""


def _state_clue(abbreviation: str, name: str, country: str, line: Clue) -> Clue:
    attributes = {
        "name": name,
        "normalized": fold(name),
        "context": "address",
        "country_code": country,
    }
    return clue_from_line("place_name", f"“{abbreviation}”, {name}", line, CLUE_SOURCE, attributes)
