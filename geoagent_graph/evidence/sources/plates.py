"""Number plates whose form is a country's own: as clues, and as a likelihood over countries."""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache

import numpy as np

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood, country_likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.types import Clue

NAME = "plates"
MAX_PLATES = 6
_MAX_PLATE_SIGNS = 14
_GAP = re.compile(r"[\s.·•・:_|*-]+")


def plate_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per line that is a number plate of a known form.

    Attributes: `plate`, `countries` that write plates so, separated by commas, and `country_code`
    where the letters of one of them stand beside it.
    """
    found: dict[str, Clue] = {}
    letters = {line.text.strip() for line in lines} & table("plates")["letters"].keys()
    for line in lines:
        plate, lettered = _plate_of(line.text)
        countries = countries_writing(plate)
        if not countries:
            continue
        near = {table("plates")["letters"][mark] for mark in letters | lettered} & set(countries)
        attributes = {"plate": plate, "countries": ",".join(countries)}
        if len(near) == 1:
            attributes["country_code"] = next(iter(near))
        found.setdefault(
            plate, clue_from_line("plate", f"number plate {plate}", line, NAME, attributes)
        )
    return list(found.values())[:MAX_PLATES]


def countries_writing(plate: str) -> tuple[str, ...]:
    """Return the countries whose number plates have this form; none for a container's number."""
    if not plate or len(plate) > _MAX_PLATE_SIGNS or _containers().fullmatch(plate):
        return ()
    return tuple(code for code, form in _forms().items() if form.fullmatch(plate))


def plate_likelihood(clues: Sequence[Clue], town_table: TownTable) -> Likelihood | None:
    """Return what the plates of a photo say together; None without one.

    Cars of one street are alike, so a second plate of the same form says less than the first.
    """
    if not clues:
        return None
    weights, seen = parameters().plate, defaultdict[str, int](int)
    total = np.zeros(len(town_table.codes))
    for clue in clues:
        countries = [clue.attributes.get("country_code", "")]
        elsewhere = weights.lettered
        if countries == [""]:
            countries = clue.attributes["countries"].split(",")
            loose = set(countries) & set(table("plates")["loose"])
            elsewhere = weights.loose if loose else weights.foreign
        if len(clues) == 1:
            elsewhere = max(elsewhere, weights.only)
        form = ",".join(countries)
        one = country_likelihood(
            town_table,
            dict.fromkeys(countries, 1.0),
            elsewhere,
            source="plate",
            description="",
            clue_ids=(clue.id,),
        )
        total += one.country * weights.later_power ** min(seen[form], 2)
        seen[form] += 1
    said = ", ".join(clue.attributes["plate"] for clue in clues)
    homes = dict.fromkeys(code for form in seen for code in form.split(","))
    names = [
        town_table.gazetteer.countries[town_table.number_of[code]].name
        for code in list(homes)[:3]
        if code in town_table.number_of
    ]
    ids = tuple(clue.id for clue in clues)
    return Likelihood("plate", f"number plates {said}: as in {', '.join(names)}", ids, total)


def _plate_of(text: str) -> tuple[str, set[str]]:
    """Return a line as a plate is written, and the country letters that stood before or after."""
    plate = _GAP.sub(" ", text.strip()).strip()
    marks = table("plates")["letters"]
    words = plate.split(" ")
    if len(words) > 2 and words[0] in marks and countries_writing(" ".join(words[1:])):
        return " ".join(words[1:]), {words[0]}
    return plate, set()


@cache
def _forms() -> dict[str, re.Pattern[str]]:
    forms: dict[str, list[str]] = table("plates")["forms"]
    return {code: re.compile("|".join(written)) for code, written in forms.items()}


@cache
def _containers() -> re.Pattern[str]:
    return re.compile(table("plates")["container"])


def _extract_plates(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return plate_clues(observations.lines.on_signs)


def _weigh_plates(observations: Observations, town_table: TownTable) -> Likelihood | None:
    return plate_likelihood(observations.of_kind("plate", "countries"), town_table)


SOURCE = Source(
    name=NAME,
    kind="plate",
    label="Number plate",
    check="set by hand; checked by the tests' plates and on street photos with plates",
    extract=_extract_plates,
    likelihood=_weigh_plates,
    of_one_sign=False,
)
