"""Number plates whose form is a country's own: as clues, and as a likelihood over countries."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from rapidfuzz.distance.Levenshtein import distance

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.likelihood import Likelihood, country_likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "plates"
MAX_PLATES = 6
MAX_MISREAD_SIGNS = 2
_MAX_PLATE_SIGNS = 14
_GAP = re.compile(r"[\s.·•・:_|*-]+")


def plate_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per line that is a number plate of a known form.

    Attributes: `plate`, `countries` that write plates so, separated by commas, and `country_code`
    where the letters of one of them stand beside it.
    """
    found: list[Clue] = []
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
        found.append(clue_from_line("plate", f"number plate {plate}", line, NAME, attributes))
    return _distinct_plates(found)[:MAX_PLATES]


def _distinct_plates(plates: Sequence[Clue]) -> list[Clue]:
    """Return the plates without second readings of one: with a sign lost or taken for another.

    Which reading is right is unknown, so the first one is of the countries of both.
    """
    kept: list[Clue] = []
    for clue in plates:
        plate = clue.attributes["plate"].replace(" ", "")
        same = [
            number
            for number, other in enumerate(kept)
            if distance(plate, other.attributes["plate"].replace(" ", "")) <= MAX_MISREAD_SIGNS
        ]
        if not same:
            kept.append(clue)
            continue
        first = kept[same[0]]
        both = ",".join(
            dict.fromkeys(",".join(one.attributes["countries"] for one in (first, clue)).split(","))
        )
        kept[same[0]] = first.model_copy(
            update={"attributes": first.attributes | {"countries": both}}
        )
    return kept


def countries_writing(plate: str) -> dict[str, float]:
    """Return the countries whose number plates have this form, the likeliest first, with weights.

    A weight is P(this plate | a plate of the country) over the largest one: a form that few plates
    have is likelier meant. None for a container's number; a form that stands on many other things
    makes no plate of a text that has it alone.
    """
    if not plate or len(plate) > _MAX_PLATE_SIGNS or _containers().fullmatch(plate):
        return {}
    if not any(form.fullmatch(plate) for form, _ in _forms("forms").values()):
        return {}
    share: dict[str, float] = {}
    for kind, part in (("forms", 1.0), ("also", parameters().plate.also)):
        for code, (form, counts) in _forms(kind).items():
            if form.fullmatch(plate):
                share[code] = max(share.get(code, 0.0), part * _share_of_plate(plate, counts))
    most = max(share.values())
    ranked = sorted(share.items(), key=lambda item: -item[1])
    least = parameters().plate.least_share
    return {code: value / most for code, value in ranked if value >= least * most}


def _share_of_plate(plate: str, counts: dict[str, float]) -> float:
    """Return P(this plate | a plate of a country), each of its forms as frequent as another."""
    return max(
        math.pow(10.0, -count) / len(counts)
        for form, count in counts.items()
        if re.fullmatch(form, plate)
    )


def plate_likelihood(clues: Sequence[Clue], town_table: TownTable) -> Likelihood | None:
    """Return what the plates of a photo say together; None without one.

    Cars of one street are alike, so a second plate of the same form says less than the first.
    """
    if not clues:
        return None
    weights, seen = parameters().plate, Counter[str]()
    total = np.zeros(len(town_table.codes))
    for clue in clues:
        homes, elsewhere = _homes(clue), _share_elsewhere(clue)
        one = country_likelihood(
            town_table,
            {code: max(weight, elsewhere) for code, weight in homes.items()},
            elsewhere,
            source="plate",
            description="",
            clue_ids=(clue.id,),
        )
        before = max(seen[code] for code in homes)
        total += one.country * weights.later_power ** min(before, 2)
        seen.update(homes.keys())
    if len(clues) == 1 or all(len(_homes(clue)) > 1 for clue in clues):
        total = np.maximum(total - total.max(), np.log(weights.only))
    said = ", ".join(clue.attributes["plate"] for clue in clues)
    names = [
        town_table.gazetteer.countries[town_table.number_of[code]].name
        for code in list(seen)[:3]
        if code in town_table.number_of
    ]
    ids = tuple(clue.id for clue in clues)
    return Likelihood("plate", f"number plates {said}: as in {', '.join(names)}", ids, total)


def _homes(clue: Clue) -> dict[str, float]:
    """Return the countries that a plate may be of, with weights: by letters beside it, or its form.

    Those of a second reading of the plate weigh as the first reading's likeliest.
    """
    lettered = clue.attributes.get("country_code")
    if lettered:
        return {lettered: 1.0}
    by_form = countries_writing(clue.attributes["plate"])
    return {code: by_form.get(code, 1.0) for code in clue.attributes["countries"].split(",")}


def _share_elsewhere(clue: Clue) -> float:
    """Return how often such a plate is seen where it is not at home, beside at home."""
    weights = parameters().plate
    if "country_code" in clue.attributes:
        return weights.lettered
    return weights.loose if set(_homes(clue)) & set(table("plates")["loose"]) else weights.foreign


def _plate_of(text: str) -> tuple[str, set[str]]:
    """Return a line as a plate is written, and the country letters that stood before or after."""
    plate = _GAP.sub(" ", text.strip()).strip()
    marks = table("plates")["letters"]
    words = plate.split(" ")
    if len(words) > 2 and words[0] in marks and countries_writing(" ".join(words[1:])):
        return " ".join(words[1:]), {words[0]}
    return plate, set()


@cache
def _forms(kind: str) -> dict[str, tuple[re.Pattern[str], dict[str, float]]]:
    """Return (form, powers of ten of how many plates have its parts) by country.

    `kind`: "forms" that tell a plate, or "also" who else writes so.
    """
    forms: dict[str, dict[str, float]] = table("plates")[kind]
    return {code: (re.compile("|".join(written)), written) for code, written in forms.items()}


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
    label=mark("Number plate"),
    check="set by hand; checked by the tests' plates and on street photos with plates",
    extract=_extract_plates,
    likelihood=_weigh_plates,
    of_one_sign=False,
)
