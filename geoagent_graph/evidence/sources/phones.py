"""Telephone numbers, as a likelihood over countries and the towns of dialling areas."""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood, sparse_sum
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.phones.area_likelihood import AreaRatios, area_ratios
from geoagent_graph.evidence.phones.dialling_areas import DiallingAreas
from geoagent_graph.evidence.phones.extraction import phone_clues
from geoagent_graph.evidence.phones.national_plans import (
    Reading,
    likelihood_by_country,
    readings_of_number,
)
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue


def phone_likelihood(clue: Clue, town_table: TownTable) -> Likelihood | None:
    """Return what one number says; None when no country has such numbers."""
    readings = readings_of_number(clue, town_table)
    if not readings:
        return None
    country = likelihood_by_country(clue, readings, town_table)
    served = {
        reading.country: ratios
        for reading in readings
        if (ratios := _ratios_of_reading(reading, town_table)) is not None
    }
    for number, ratios in served.items():
        country[number] *= ratios.elsewhere
    towns, more = sparse_sum(
        [(ratios.towns, np.log(ratios.ratio / ratios.elsewhere)) for ratios in served.values()]
    )
    return Likelihood(
        source="phone",
        description=_describe_number(clue, readings, town_table),
        clue_ids=(clue.id,),
        country=np.log(country),
        towns=towns,
        town_log=more,
        meaning_by_country=_areas_by_country(readings, town_table),
    )


def _ratios_of_reading(reading: Reading, town_table: TownTable) -> AreaRatios | None:
    if reading.prefix is None:
        return None
    return area_ratios(DiallingAreas.of(town_table, reading.region), reading.prefix)


def _describe_number(clue: Clue, readings: Sequence[Reading], town_table: TownTable) -> str:
    countries = town_table.gazetteer.countries
    names = [countries[reading.country].name for reading in readings]
    if len(names) <= 3:
        return f"{clue.text}: a number of {', '.join(names)}"
    return f"{clue.text}: a number that fits the plans of {len(names)} countries"


def _areas_by_country(readings: Sequence[Reading], town_table: TownTable) -> dict[str, str]:
    """Return country code -> what the number means there."""
    found = {}
    for reading in readings:
        country = town_table.gazetteer.countries[reading.country]
        area = reading.prefix.description if reading.prefix else ""
        if area and fold(area) != fold(country.name):
            found[country.code] = f"there of {area}"
    return found


def _extract_numbers(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return phone_clues(observations.lines.on_signs)


def _weigh_numbers(observations: Observations, town_table: TownTable) -> list[Likelihood]:
    found = observations.of_kind("phone", "number")
    said = (phone_likelihood(clue, town_table) for clue in found)
    return [likelihood for likelihood in said if likelihood is not None]


SOURCE = Source(
    name="phones",
    kind="phone",
    label=mark("Telephone number"),
    check=(
        "borders of dialling areas fitted on provinces; the rest set by hand; "
        "checked on drawn numbers and signs"
    ),
    extract=_extract_numbers,
    likelihood=_weigh_numbers,
    of_one_sign=True,
)
