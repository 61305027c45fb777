"""Dates in figures: as clues, and as a likelihood over countries by the order they write them in.

A line that is a date and nothing more is mostly laid over the picture (see `overlays`); a date on a
sign stands among words. What the names of its month say is weighed with the languages.
"""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "dates"
MAX_DATES = 3
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_YEAR_LAST = re.compile(
    rf"(?<![\w./-])(?P<one>\d{{1,2}})(?P<sign>[./-])\s?(?P<two>\d{{1,2}})(?P=sign)\s?{_YEAR}(?![\w/-])"
)
_YEAR_FIRST = re.compile(
    rf"(?<![\w./-]){_YEAR}(?P<sign>[./-])\s?(?P<one>\d{{1,2}})(?P=sign)\s?(?P<two>\d{{1,2}})(?![\w/-])"
)
_EAST_ASIAN = re.compile(r"(?:(?:19|20)\d\d|[１２]\d{3})\s?([年년])")
_EAST_ASIAN_COUNTRIES = {"年": "JP CN TW HK MO SG", "년": "KR KP"}
_MONTHS = 12
_DAYS = 31


def date_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per distinct way of writing a date.

    Attributes: `order`, the orders it may be in as in the table, separated by commas, or `era`, the
    character of the year in East Asia.
    """
    found: dict[str, Clue] = {}
    for line in lines:
        for text, attributes in _dates_of(line.text):
            key = next(iter(attributes.values()))
            found.setdefault(key, clue_from_line("date", f"date {text}", line, NAME, attributes))
    return list(found.values())[:MAX_DATES]


def date_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one date says; None where every country may write it so."""
    weights = parameters().calendar
    values = np.full(len(town_table.codes), weights.other_order)
    if "era" in clue.attributes:
        for code in _EAST_ASIAN_COUNTRIES[clue.attributes["era"]].split():
            if code in town_table.number_of:
                values[town_table.number_of[code]] = 1.0
    else:
        written = clue.attributes["order"].split(",")
        for code, usual in table("calendar")["dates"].items():
            if code in town_table.number_of:
                values[town_table.number_of[code]] = max(
                    _likelihood_of_order(order, usual) for order in written
                )
    homes = int((values == values.max()).sum())
    said = f"{clue.text}: the usual way in {homes} countries"
    return Likelihood("date", said, (clue.id,), np.log(values / values.max()))


def _likelihood_of_order(written: str, usual: str) -> float:
    weights = parameters().calendar
    if written == usual:
        return 1.0
    same = [letter for letter in written if letter.isalpha()] == [
        letter for letter in usual if letter.isalpha()
    ]
    return weights.other_separator if same else weights.other_order


def _dates_of(text: str) -> list[tuple[str, dict[str, str]]]:
    found = []
    for pattern, year_first in ((_YEAR_LAST, False), (_YEAR_FIRST, True)):
        for match in pattern.finditer(text):
            orders = _orders(int(match["one"]), int(match["two"]), year_first=year_first)
            if orders:
                written = ",".join(match["sign"].join(order) for order in orders)
                found.append((match[0], {"order": written}))
    for match in _EAST_ASIAN.finditer(text):
        found.append((match[0], {"era": match[1]}))
    return found


def _orders(one: int, two: int, *, year_first: bool) -> list[str]:
    """Return the orders that two figures beside a year may be in."""
    if not (1 <= one <= _DAYS and 1 <= two <= _DAYS):
        return []
    if year_first:
        return ["YMD"] if one <= _MONTHS else []
    orders = ["DMY"] if two <= _MONTHS else []
    return orders + (["MDY"] if one <= _MONTHS else [])


def _extract_dates(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return date_clues(observations.lines.on_signs)


def _weigh_dates(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = [
        clue for clue in observations.of_kind("date") if {"order", "era"} & set(clue.attributes)
    ]
    said = (date_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name=NAME,
    kind="date",
    label=mark("Date"),
    check="order of day and month from CLDR, weights set by hand; checked on drawn dates",
    extract=_extract_dates,
    likelihood=_weigh_dates,
)
