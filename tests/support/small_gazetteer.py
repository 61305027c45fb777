"""A gazetteer of eight towns in four countries, for tests that check figures by hand.

Waiyevo and Labasa lie on either side of the antimeridian; Sintra is a suburb of Lisbon.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.countries import Country
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.string_table import StringTable, pack_lists, pack_strings

BERLIN, MUNICH, MADRID, LABASA, WAIYEVO, LISBON, PORTO, SINTRA = range(8)
GERMANY, SPAIN, FIJI, PORTUGAL = range(4)
_TOWNS: tuple[tuple[str, str, str, int, float, float, tuple[str, ...]], ...] = (
    ("DE", "Berlin", "Berlin", 3_400_000, 52.52, 13.405, ()),
    ("DE", "Munich", "Bavaria", 1_260_000, 48.137, 11.575, ("München", "Monaco")),
    ("ES", "Madrid", "Madrid", 3_200_000, 40.417, -3.703, ()),
    ("FJ", "Labasa", "Northern", 27_900, -16.417, 179.383, ()),
    ("FJ", "Waiyevo", "Northern", 1_000, -16.796, -179.983, ()),
    ("PT", "Lisbon", "Lisbon", 517_800, 38.717, -9.133, ("Lisboa",)),
    ("PT", "Porto", "Porto", 250_000, 41.15, -8.611, ("Oporto",)),
    ("PT", "Sintra", "Lisbon", 29_600, 38.8, -9.39, ()),
)
_COUNTRIES = (
    ("DE", "Germany", "EU", 83_000_000, ("de-DE",)),
    ("ES", "Spain", "EU", 47_000_000, ("es-ES", "ca")),
    ("FJ", "Fiji", "OC", 900_000, ("en-FJ", "fj")),
    ("PT", "Portugal", "EU", 10_300_000, ("pt-PT",)),
)


@cache
def small_gazetteer() -> Gazetteer:
    """Return the gazetteer; Germany is Deutschland too, "Lisboa" and "Lisbon" are one town."""
    arrays = _alias_arrays() | _region_arrays() | _country_name_arrays()
    arrays["name_blob"], arrays["name_starts"] = pack_strings(town[1] for town in _TOWNS)
    codes = [code for code, *_ in _COUNTRIES]
    return Gazetteer(
        lat_deg=np.array([town[4] for town in _TOWNS]),
        lon_deg=np.array([town[5] for town in _TOWNS]),
        population=np.array([town[3] for town in _TOWNS], dtype=np.int64),
        country_index=np.array([codes.index(town[0]) for town in _TOWNS], dtype=np.int16),
        geonames_id=np.arange(1, len(_TOWNS) + 1, dtype=np.int64),
        countries=tuple(_country(*country) for country in _COUNTRIES),
        continents={"EU": "Europe", "OC": "Oceania"},
        aliases=StringTable(arrays["alias_blob"], arrays["alias_starts"]),
        aliases_from_behind=arrays["alias_from_behind"],
        _arrays=arrays,
    )


@cache
def small_town_table() -> TownTable:
    """Return the table of the towns; the constants of this module are its rows."""
    return TownTable.of(small_gazetteer())


def _country(
    code: str, name: str, continent: str, population: int, languages: tuple[str, ...]
) -> Country:
    largest = max((town for town in _TOWNS if town[0] == code), key=lambda town: town[3])
    return Country(
        code=code,
        iso3=code + "X",
        name=name,
        continent_code=continent,
        population=population,
        area_km2=0.0,
        tld="." + code.lower(),
        calling_codes=(),
        currency_code="",
        languages=languages,
        postal_code_pattern="",
        lat_deg=largest[4],
        lon_deg=largest[5],
        neighbours=(),
    )


def _alias_arrays() -> dict[str, NDArray[Any]]:
    pairs = ((fold(name), row) for row, town in enumerate(_TOWNS) for name in (town[1], *town[6]))
    table = _rows_by_key(pairs)
    names = sorted(table)
    backwards = sorted(range(len(names)), key=lambda number: names[number][::-1])
    packed = pack_lists(names, table)
    arrays: dict[str, NDArray[Any]] = {f"alias_{key}": value for key, value in packed.items()}
    arrays["alias_from_behind"] = np.array(backwards, dtype=np.int32)
    return arrays


def _region_arrays() -> dict[str, NDArray[Any]]:
    regions = sorted({town[2] for town in _TOWNS})
    blob, starts = pack_strings(regions)
    index = np.array([regions.index(town[2]) for town in _TOWNS], dtype=np.int32)
    return {"region_blob": blob, "region_starts": starts, "region_index": index}


def _country_name_arrays() -> dict[str, NDArray[Any]]:
    named = [(fold(name), row) for row, (_, name, *_) in enumerate(_COUNTRIES)]
    table = _rows_by_key([*named, ("deutschland", GERMANY)])
    packed = pack_lists(sorted(table), table)
    return {f"country_name_{key}": value for key, value in packed.items()}


def _rows_by_key(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    table: dict[str, list[int]] = {}
    for key, row in pairs:
        table.setdefault(key, []).append(row)
    return table
