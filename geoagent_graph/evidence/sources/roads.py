"""Numbers of roads (A 7, BR-101, NH 44, E 45): as clues, and as a likelihood over countries."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table, word_list
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "roads"
MAX_ROADS = 6
MAX_LINE_CHARS = 60
MAX_NAMED = 4
_SAME_NATS = 0.2
_EUROPEAN = re.compile(r"E ?(\d{1,3})")
_BEFORE = r"(?<![\w/.,:+-])"
_AFTER = r"(?![\w/-]|[.,:]\d| ?(?:\d|km|mi|m|kg|t|h|€|\$|£|%|mm|cm|ml|GB|MHz|V|W)\b)"
_ARROWS = re.compile(r"[→←↑↓⇒⇐➔➜►◄▲\s,;()–·|+-]+")


def road_clues(lines: Sequence[Clue], named_lines: frozenset[str]) -> list[Clue]:
    """Return one clue per distinct number of a road.

    A number that may as well be a room, a bus or a size counts only in a line of nothing but such
    numbers, arrows and names of places.

    Args:
        lines: the lines of text.
        named_lines: ids of the lines with a place name.

    Attributes: `road`; `on_sign` "1" beside a place, another road or words of a direction sign.
    """
    read = [(line, road) for line in lines for road in _roads_of(line, line.id in named_lines)]
    found: dict[str, Clue] = {}
    for line, road in read:
        others = {other for _, other in read} - {road}
        attributes = {"road": road}
        if line.id in named_lines or others or _has_direction(line.text):
            attributes["on_sign"] = "1"
        found.setdefault(road, clue_from_line("road", f"road {road}", line, NAME, attributes))
    return list(found.values())[:MAX_ROADS]


def road_likelihood(clues: Sequence[Clue], town_table: TownTable) -> Likelihood | None:
    """Return what the roads of a photo say together; None without one.

    A number may be no road at all; then it is as likely everywhere. Roads of one sign are written
    alike, so each after the first says less.
    """
    if not clues:
        return None
    weights, total = parameters().road, np.zeros(len(town_table.codes))
    for rank, clue in enumerate(clues):
        values = written_so(clue.attributes["road"], town_table)
        road = weights.road_on_sign if "on_sign" in clue.attributes else weights.road_alone
        values = road * values + (1 - road) * float(values.mean())
        total += np.log(values) * (1.0 if rank == 0 else weights.later_power)
    total -= float(total.max())
    roads = ", ".join(clue.attributes["road"] for clue in clues)
    ids = tuple(clue.id for clue in clues)
    homes = np.flatnonzero(total > -_SAME_NATS).tolist()
    names = [town_table.gazetteer.countries[number].name for number in homes]
    where = ", ".join(names) if len(names) <= MAX_NAMED else f"{len(names)} countries"
    return Likelihood("road", f"road {roads}: written so in {where}", ids, total)


def written_so(road: str, town_table: TownTable) -> Floats:
    """Return P(a sign has this number | country) up to a constant, shape [countries], above 0."""
    forms = [form for form in _forms() if form[0].fullmatch(road)]
    shares = [form[1] for form in forms]
    elsewhere = [form[2] for form in forms]
    european = _EUROPEAN.fullmatch(road)
    countries = table("road_numbers")["european"].get(european[1], "") if european else ""
    if countries:
        weights = parameters().road
        elsewhere.append(weights.european_elsewhere)
        shares += [
            dict.fromkeys(_european_network(), weights.european_other),
            dict.fromkeys(countries.split(), 1.0),
        ]
    values = np.full(len(town_table.codes), min(elsewhere, default=1.0))
    for share in shares:
        for code, weight in share.items():
            if code in town_table.number_of:
                number = town_table.number_of[code]
                values[number] = max(values[number], weight)
    return values


def _roads_of(line: Clue, named: bool) -> list[str]:
    """Return the numbers in a line, the longer reading first."""
    if len(line.text) > MAX_LINE_CHARS:
        return []
    patterns = _patterns(with_digits=False)
    if any(character.isdigit() for character in line.text):
        patterns += _patterns(with_digits=True)
    spans = [match.span(1) for pattern in patterns for match in pattern.finditer(line.text)]
    spans.sort(key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    roads = [line.text[first:end] for first, end in kept]
    bounds = [0, *(place for span in kept for place in span), len(line.text)]
    between = zip(bounds[::2], bounds[1::2], strict=True)
    rest = " ".join(line.text[first:end] for first, end in between)
    plain = named or not _ARROWS.sub("", rest) or _has_direction(rest)
    return [road for road in roads if _is_known(road) and (plain or _is_clear(road))]


def _has_direction(text: str) -> bool:
    return bool(word_list("towards") & set(fold(text).split()))


def _is_known(road: str) -> bool:
    """Say whether it is written like a road of a country, or a road of the European network."""
    european = _EUROPEAN.fullmatch(road)
    listed = european is not None and european[1] in table("road_numbers")["european"]
    return listed or any(form[0].fullmatch(road) for form in _forms())


def _is_clear(road: str) -> bool:
    """Say whether hardly anything else is written like this road."""
    clear = parameters().road.clear_elsewhere
    return any(form[0].fullmatch(road) and form[2] <= clear for form in _forms())


@cache
def _forms() -> tuple[tuple[re.Pattern[str], dict[str, float], float], ...]:
    """Return (how it is written, country -> weight, elsewhere) of every form."""
    found = []
    for form in table("road_numbers")["forms"]:
        pairs = (entry.partition(":") for entry in form["countries"].split())
        shares = {code: float(weight or 1.0) for code, _, weight in pairs}
        found.append((re.compile(form["written"]), shares, float(form["elsewhere"])))
    return tuple(found)


@cache
def _patterns(with_digits: bool) -> tuple[re.Pattern[str], ...]:
    """Return how roads are written, with a number or without; few lines have a digit at all."""
    written = [form["written"] for form in table("road_numbers")["forms"]]
    return tuple(
        re.compile(rf"{_BEFORE}({one}){_AFTER}")
        for one in (*written, _EUROPEAN.pattern)
        if (r"\d" in one) == with_digits
    )


@cache
def _european_network() -> frozenset[str]:
    roads: dict[str, str] = table("road_numbers")["european"]
    return frozenset(code for countries in roads.values() for code in countries.split())


def _extract_roads(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    taken = {
        clue.attributes["read_in"]
        for kind in ("phone", "postal_code", "currency", "domain")
        for clue in observations.of_kind(kind, "read_in")
    }
    lines = [line for line in observations.lines.on_signs if line.id not in taken]
    plates = {clue.attributes["read_in"] for clue in observations.of_kind("plate", "read_in")}
    names = observations.of_kind("place_name", "read_in")
    found = road_clues(lines, frozenset(name.attributes["read_in"] for name in names))
    return [
        clue
        for clue in found
        if clue.attributes["read_in"] not in plates or _is_clear(clue.attributes["road"])
    ]


def _weigh_roads(observations: Observations, town_table: TownTable) -> Likelihood | None:
    return road_likelihood(observations.of_kind("road", "road"), town_table)


SOURCE = Source(
    name=NAME,
    kind="road",
    label=mark("Road number"),
    check="set by hand; checked on drawn road signs of 40 countries and on lines that are none",
    extract=_extract_roads,
    likelihood=_weigh_roads,
    of_one_sign=True,
)
