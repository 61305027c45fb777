"""Postal codes: as clues, and as a likelihood over countries."""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.names import extraction
from geoagent_graph.evidence.names.states import state_of_abbreviation
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "postal_codes"
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
    r"\b(FIN|CH|CZ|SK|PL|DK|NL|HU|SI|HR|RO|BG|LT|LV|EE|FL|MD|AT|DE|[ADFILBHSPNE])([- ])(\d{4,6})\b"
)
_PLATES = {
    "FIN": "FI", "A": "AT", "D": "DE", "F": "FR", "I": "IT", "L": "LU", "B": "BE", "H": "HU",
    "S": "SE", "P": "PT", "N": "NO", "E": "ES", "FL": "LI",
}  # fmt: skip
_DIGITS_AFTER_PREFIX = {
    "AT": 4, "BE": 4, "BG": 4, "CH": 4, "CZ": 5, "DE": 5, "DK": 4, "EE": 5, "ES": 5, "FI": 5,
    "FR": 5, "HR": 5, "HU": 4, "IT": 5, "LI": 4, "LT": 5, "LU": 4, "LV": 4, "MD": 4, "NL": 4,
    "NO": 4, "PL": 5, "PT": 4, "RO": 6, "SE": 5, "SI": 4, "SK": 5,
}  # fmt: skip
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")  # beside a name it is when, not where
_BESIDE_A_NAME = re.compile(r"(?<![A-Za-z\d+./(-])(\d{4,6}|\d{3} \d{2})(?= +[^\W\d_]{3,})(?![\d-])")
_WORD = re.compile(r"[^\W\d_]{4,}")
_MARKED = re.compile(
    r"(?:c\.?\s?p\.?|cep|plz|cap|zip|p\.?\s?o\.?\s?box|psč|postleitzahl)[ .:]*\d", re.I
)


def postal_code_clues(lines: Sequence[Clue], named_lines: frozenset[str]) -> list[Clue]:
    """Return one clue per distinct code.

    Args:
        lines: the lines of text.
        named_lines: ids of the lines with a place name: plain digits count beside one only.

    Attributes: `code`; `country_code` where the shape or a prefix gives the country; `region` where
    the abbreviation of a state stands before it; `alone` "1" where it is all of a line and
    no line has a word: letters and figures may as well be a plate or a parcel's.
    """
    found: dict[str, Clue] = {}
    wordless = not any(_WORD.search(line.text) for line in lines)
    for line in lines:
        for code, attributes in _codes_of(line.text, line.id in named_lines, wordless):
            clue = clue_from_line(
                "postal_code", f"postal code {code}", line, NAME, {"code": code, **attributes}
            )
            found.setdefault(code, clue)
    return list(found.values())[:MAX_CODES]


def postal_code_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one code says; None when no country writes codes like it."""
    weights = parameters().postal_code
    given = clue.attributes.get("country_code")
    if given in town_table.number_of:
        alone = "alone" in clue.attributes
        elsewhere = weights.other_alone if alone else weights.other_shape
        matching = [town_table.number_of[given]]
    else:
        matching, elsewhere = (
            _countries_writing(clue.attributes["code"], town_table),
            weights.other_digits,
        )
    if not matching:
        return None
    country = np.full(len(town_table.codes), np.log(elsewhere))
    country[matching] = 0.0
    names = [town_table.gazetteer.countries[number].name for number in matching]
    shown = ", ".join(names) if len(names) <= 3 else f"{len(names)} countries write such codes"
    return Likelihood("postal_code", f"{clue.text}: {shown}", (clue.id,), country)


def _codes_of(text: str, named: bool, wordless: bool) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    marked = bool(_MARKED.search(text))
    for match in _SHAPE.finditer(text):
        country = str(match.lastgroup)
        # digits and a hyphen are also house numbers, parts of telephone numbers and dates; three
        # capitals and four digits are also months and plates
        own = match[0][0].isalpha() and country != "MT"
        if own or named or country in ("JP", "NL") or marked:
            alone = own and wordless and match[0] == text.strip()
            attributes = {"country_code": country}
            found.append((match[0], attributes | ({"alone": "1"} if alone else {})))
    for match in _PREFIXED.finditer(text):
        code = _PLATES.get(match[1], match[1])
        # "D 1089" is a road, "A 4339 OP" a plate; with a space a letter may be anything
        prefixed = match[2] == "-" or (match.start() == 0 and (named or marked))
        if prefixed and len(match[3]) == _DIGITS_AFTER_PREFIX[code]:
            found.append((match[3], {"country_code": code}))
    for match in _STATE_AND_ZIP.finditer(text):
        country, name = state_of_abbreviation(match[1], len(match[2]))
        if country and (named or _fits_state(match[1], match[2], country)):
            found.append((match[2], {"country_code": country, "region": name}))
    if not found and (named or marked):
        codes = (match[1] for match in _BESIDE_A_NAME.finditer(text))
        found += [(code, {}) for code in codes if marked or not _YEAR.fullmatch(code)]
    return found


def _fits_state(abbreviation: str, code: str, country: str) -> bool:
    """Say whether a code of a state begins as its codes do: plates have letters and figures too."""
    first = table("subdivisions")["first_digits"][country].get(abbreviation, "")
    return any(code.startswith(digits) for digits in first)


def _countries_writing(code: str, town_table: TownTable) -> list[int]:
    numbers = []
    for number, country in enumerate(town_table.gazetteer.countries):
        pattern = country.postal_code_pattern
        if pattern and re.fullmatch(pattern, code):
            numbers.append(number)
    return numbers


def _extract_codes(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    names = observations.of_kind("place_name", "read_in")
    named = (name.attributes["read_in"] for name in names if name.source == extraction.SOURCE)
    return postal_code_clues(observations.lines.on_signs, frozenset(named))


def _weigh_codes(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("postal_code", "code")
    said = (postal_code_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name=NAME,
    kind="postal_code",
    label=mark("Postal code"),
    check="set by hand; checked on drawn signs and by the tests' signs with codes",
    extract=_extract_codes,
    likelihood=_weigh_codes,
    of_one_sign=True,
)
