"""Places that a sign names and does not stand in: of embassies and of twin towns."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.names.nations import nations_in
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.viewer_text import same_block
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

AbroadKind = Literal["embassy", "twins"]

SOURCE = "place_names"
_APOSTROPHES = re.compile("['’`´]")
_SHIP_NUMBER = re.compile(r"\bIMO\W{0,3}\d{7}\b")
_MAX_TWIN_LINES = 6
_MAX_NATIONS = 2
_SPACED_SCRIPTS_END = "\u0e00"


def abroad_lines(lines: Sequence[Clue]) -> dict[str, AbroadKind]:
    """Return the lines that name places elsewhere, by id.

    The lines right beside an embassy's belong to it where they are short; the lines below "twinned
    with" are a list of towns.
    """
    found: dict[str, AbroadKind] = {}
    for number, line in enumerate(lines):
        if names_embassy(line.text):
            found[line.id] = "embassy"
            for beside in _nations_beside(lines, number):
                found.setdefault(beside.id, "embassy")
        elif _holds(line.text, "twins"):
            found[line.id] = "twins"
            for below in _block_below(lines, number):
                found.setdefault(below.id, "twins")
    return found


def _nations_beside(lines: Sequence[Clue], number: int) -> list[Clue]:
    """Return the lines right above and below on the same sign that name a country."""
    return [
        lines[other]
        for other in (number - 1, number + 1)
        if 0 <= other < len(lines)
        and same_block(lines[number], lines[other])
        and nations_in(lines[other].text)
    ]


def _block_below(lines: Sequence[Clue], number: int) -> list[Clue]:
    """Return the lines that follow on the same sign, at most `_MAX_TWIN_LINES`."""
    found: list[Clue] = []
    for above, below in pairwise(lines[number : number + 1 + _MAX_TWIN_LINES]):
        if not same_block(above, below):
            break
        found.append(below)
    return found


def embassy_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one `place_name` clue per country whose embassy or consulate a sign names."""
    found: dict[str, Clue] = {}
    kinds = abroad_lines(lines)
    for line in lines:
        if kinds.get(line.id) != "embassy":
            continue
        words = _without_embassy(line.text)
        for code, name in nations_in(words).items():
            attributes = {
                "name": name,
                "normalized": fold(name),
                "context": "abroad",
                "country_code": code,
                "abroad": "embassy",
            }
            text = f"“{line.text}” is of {name}, and stands abroad"
            found.setdefault(code, clue_from_line("place_name", text, line, SOURCE, attributes))
    return list(found.values())[:_MAX_NATIONS]


def _without_embassy(text: str) -> str:
    """Return a text without its words for embassy: "suurlähetystö" is not derived from Syria."""
    spaced = _APOSTROPHES.sub(" ", text)
    return _pattern("embassy").sub(" ", f" {fold(spaced)} ") if names_embassy(text) else spaced


def names_embassy(text: str) -> bool:
    """Say whether a line names an embassy or a consulate."""
    return _holds(text, "embassy")


def is_ship_name(before: str) -> bool:
    """Say whether the text before a name is what stands before the name of a ship."""
    if before.strip(" ./\"'“„«") in table("abroad")["ship_letters"]:
        return True
    words = fold(before).split()
    return bool({" ".join(words[-2:]), " ".join(words[-1:])} & _ships())


def names_ship(text: str) -> bool:
    """Say whether a line is a ship's: its name behind a ship's letters, or its number.

    The town beside it is the port where it is registered.
    """
    if _SHIP_NUMBER.search(text):
        return True
    words = text.split()
    return any(
        is_ship_name(" ".join(words[:count])) and words[count][0].isalpha()
        for count in range(1, min(3, len(words)))
    )


def start_of_twins(text: str) -> int:
    """Return where in a line the words for twin towns end; 0 where it has none."""
    matches = [match.end() for match in _pattern("twins").finditer(f" {fold(text)} ")]
    return min(len(text), max(matches) - 1) if matches else 0


def _holds(text: str, name: str) -> bool:
    return _pattern(name).search(f" {fold(text)} ") is not None


@cache
def _ships() -> frozenset[str]:
    return frozenset(fold(word) for word in table("abroad")["ships"])


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of folded words of a list, to be searched in text with spaces around."""
    parts = []
    for entry in table("abroad")[name]:
        key = re.escape(fold(entry.strip("*")))
        spaced = fold(entry.strip("*"))[:1] < _SPACED_SCRIPTS_END
        start = "" if entry.startswith("*") or not spaced else r"(?<=\s)"
        end = r"\w*" if entry.endswith("*") else "" if not spaced else r"(?=\s)"
        parts.append(f"{start}{key}{end}")
    return re.compile("|".join(sorted(parts, key=len, reverse=True)))
