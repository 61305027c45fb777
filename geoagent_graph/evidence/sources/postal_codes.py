"""Postal codes: as clues, and as a likelihood over countries."""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.clue_ids import drawn_clue
from geoagent_graph.evidence.likelihood import Signal
from geoagent_graph.evidence.tables import fitted, table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue

SOURCE = "postal_codes"
MAX_CODES = 4

# Formats that say the country by their shape alone.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("GB", r"(?:[A-Z]{1,2}\d[A-Z\d]?) \d[ABD-HJLNP-UW-Z]{2}"),
    ("CA", r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d"),
    ("IE", r"[AC-FHKNPRTV-Y]\d[\dW] [\dAC-FHKNPRTV-Y]{4}"),
    ("NL", r"[1-9]\d{3} [A-EGHJ-NPRTVWXZ][A-EGHJ-NPRSTVWXZ](?= [A-Z])"),
    ("MT", r"[A-Z]{3} \d{4}(?!\d)"),
    ("AR", r"[A-HJ-NP-Z]\d{4}[A-Z]{3}"),
    ("BR", r"\d{5}-\d{3}"),
    ("JP", r"〒 ?\d{3}-?\d{4}"),
    ("PT", r"\d{4}-\d{3}"),
    ("PL", r"\d{2}-\d{3}"),
    ("US", r"\d{5}-\d{4}"),
)
_SHAPE = re.compile(
    "|".join(rf"(?P<{code}>(?<![\w+()./-]){shape}(?![\w-]))" for code, shape in _SHAPES)
)
_STATE_AND_ZIP = re.compile(r"\b([A-Z]{2,3}),? (\d{4,5})(?:-\d{4})?(?!\d)")
_PREFIXED = re.compile(
    r"\b(FIN|CH|CZ|SK|PL|DK|NL|HU|SI|HR|RO|BG|LT|LV|EE|FL|MD|AT|DE|[ADFILBHSPNE])[- ](\d{4,6})\b"
)
_PLATES = {
    "FIN": "FI", "A": "AT", "D": "DE", "F": "FR", "I": "IT", "L": "LU", "B": "BE", "H": "HU",
    "S": "SE", "P": "PT", "N": "NO", "E": "ES", "FL": "LI",
}  # fmt: skip
_BESIDE_A_NAME = re.compile(r"(?<![\d+./(-])(\d{4,6}|\d{3} \d{2})(?= +[^\W\d_]{3,})(?![\d-])")
_MARKED = re.compile(
    r"(?:c\.?\s?p\.?|cep|plz|cap|zip|p\.?\s?o\.?\s?box|psč|postleitzahl)[ .:]*\d", re.I
)


def postal_code_clues(lines: Sequence[Clue], named_lines: frozenset[str]) -> list[Clue]:
    """Return one clue per distinct code.

    Args:
        lines: the lines of text.
        named_lines: ids of the lines with a place name: plain digits count beside one only.

    Attributes: `code`; `country_code` where the shape or a prefix gives the country; `region` where
    the abbreviation of a state stands before it.
    """
    found: dict[str, Clue] = {}
    for line in lines:
        for code, attributes in _codes_of(line.text, line.id in named_lines):
            clue = drawn_clue(
                "postal_code", f"postal code {code}", line, SOURCE, {"code": code, **attributes}
            )
            found.setdefault(code, clue)
    return list(found.values())[:MAX_CODES]


def state_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return `place_name` clues for states written as "Springfield, IL" or "IL 62701"."""
    found: dict[str, Clue] = {}
    for line in lines:
        for match in re.finditer(
            r"[A-Za-z]{3,},? ([A-Z]{2,3})(?: \d{4,5}(?:-\d{4})?)?\s*$", line.text
        ):
            country, name = _state(match[1])
            strict = "," in match[0] or match[0].rstrip()[-1].isdigit()
            if country and strict and not line.text.isupper() | (len(match[1]) < 2):
                found.setdefault(match[1], _state_clue(match[1], name, country, line))
    return list(found.values())[:2]


def postal_code_signal(clue: Clue, town_table: TownTable) -> Signal | None:
    """Return what one code says; None when no country writes codes like it."""
    weights = fitted("postal_code")
    given = clue.attributes.get("country_code")
    if given in town_table.number_of:
        matching, elsewhere = [town_table.number_of[given]], weights["other_shape"]
    else:
        matching, elsewhere = (
            _matching(clue.attributes["code"], town_table),
            weights["other_digits"],
        )
    if not matching:
        return None
    country = np.full(len(town_table.codes), np.log(elsewhere))
    country[matching] = 0.0
    names = [town_table.gazetteer.countries[number].name for number in matching]
    shown = ", ".join(names) if len(names) <= 3 else f"{len(names)} countries write such codes"
    return Signal("postal_code", f"{clue.text}: {shown}", (clue.id,), country)


def _codes_of(text: str, named: bool) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    for match in _SHAPE.finditer(text):
        country = str(match.lastgroup)
        # digits and a hyphen are also house numbers, parts of telephone numbers and dates
        if match[0][0].isalpha() or named or country in ("JP", "NL") or _MARKED.search(text):
            found.append((match[0], {"country_code": country}))
    for match in _PREFIXED.finditer(text):
        code = _PLATES.get(match[1], match[1])
        found.append((match[2], {"country_code": code}))
    for match in _STATE_AND_ZIP.finditer(text):
        country, name = _state(match[1])
        if country and len(match[2]) == (4 if country == "AU" else 5):
            found.append((match[2], {"country_code": country, "region": name}))
    if not found and (named or _MARKED.search(text)):
        found += [(match[1], {}) for match in _BESIDE_A_NAME.finditer(text)]
    return found


def _matching(code: str, town_table: TownTable) -> list[int]:
    numbers = []
    for number, country in enumerate(town_table.gazetteer.countries):
        pattern = country.postal_code_pattern
        if pattern and re.fullmatch(pattern, code):
            numbers.append(number)
    return numbers


def _state(abbreviation: str) -> tuple[str, str]:
    states = table("subdivisions")
    for country in ("US", "CA", "AU"):
        if abbreviation in states[country]:
            return country, str(states[country][abbreviation])
    return "", ""


def _state_clue(abbreviation: str, name: str, country: str, line: Clue) -> Clue:
    from geoagent_graph.geo.names import fold

    attributes = {
        "name": name,
        "normalized": fold(name),
        "context": "address",
        "country_code": country,
    }
    return drawn_clue("place_name", f"“{abbreviation}”, {name}", line, SOURCE, attributes)
