"""What makes a name part of an address: a postal code or a state beside it."""

import re

from geoagent_graph.evidence.names.name_candidates import NameCandidate
from geoagent_graph.evidence.towns import TownTable

_CODE_BEFORE = re.compile(
    r"(?:^|[\s,])(?P<prefix>[A-Z]{1,3}-)?"
    r"(?P<code>\d{4,6}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4} [A-Z]{2})[\s,]*$"
)
_UNIT = r"(?!\s*(?:km|mi|miles|m|км|χλμ|公里|กม)\b)"
_CODE_AFTER = re.compile(
    rf"^[\s,]*(?:(?P<state>[A-Z]{{2,3}}),? +\d{{4,5}}\b|(?P<code>\d{{5,6}})\b{_UNIT}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|[A-Z]\d[A-Z] \d[A-Z]\d\b|, (?P<alone>[A-Z]{2,3})$)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")


def is_in_address(line: str, span: NameCandidate, town_table: TownTable | None = None) -> bool:
    """Say whether a name stands beside a postal code or a state.

    A year is no postal code, nor is a distance. With a table of towns, figures count only where a
    country with a town of this name writes such codes.
    """
    before, after = _CODE_BEFORE.search(line[: span.start]), _CODE_AFTER.search(line[span.end :])
    if before and (before["prefix"] or not _YEAR.fullmatch(before["code"])):
        return bool(before["prefix"]) or _is_written_there(before["code"], span.key, town_table)
    if after is None or (not after[0].strip(" ,")[:1].isupper() and not after["code"]):
        return False
    return after["code"] is None or _is_written_there(after["code"], span.key, town_table)


def _is_written_there(code: str, key: str, town_table: TownTable | None) -> bool:
    """Say whether a country with a place of this name writes such postal codes."""
    if town_table is None:
        return True
    towns = town_table.gazetteer.matches(key)
    countries = {town_table.codes[int(number)] for number in town_table.country[towns]}
    countries |= set(town_table.gazetteer.country_matches(key))
    countries |= {town_table.codes[number] for number, _ in town_table.regions.get(key, ())}
    patterns = [
        country.postal_code_pattern
        for country in town_table.gazetteer.countries
        if country.code in countries and country.postal_code_pattern
    ]
    compact = code.replace(" ", "")
    return any(re.fullmatch(pattern, text) for pattern in patterns for text in (code, compact))
