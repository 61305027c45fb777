"""The place that a file names in words (IPTC, XMP): true for most files, foreign for some."""

from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.likelihood import Likelihood
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.names import fold
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

MAX_TOWNS = 50
_NAMES = ("city", "region", "country", "country_code")


@dataclass(frozen=True, slots=True)
class NamedTowns:
    """The towns that a claim may mean, sorted, how well each fits, and its words for people."""

    towns: Indices
    shares: Floats
    description: str


def file_place_likelihood(observations: Observations, town_table: TownTable) -> Likelihood | None:
    """Return what the named place says; None where none is named, or a position is claimed.

    Programs name the place after the position, so that both are one claim. It is the truth with
    probability 1 - `false`; else it says nothing: L(town) = false + (1 - false) * share / P(named).
    """
    if observations.of_kind("exif_position", "lat_deg", "lon_deg"):
        return None
    for clue in observations.of_kind("file_place"):
        named = towns_of_claim(clue, town_table)
        if named is not None:
            return _likelihood_of(clue, named, town_table)
    return None


def _likelihood_of(clue: Clue, named: NamedTowns, town_table: TownTable) -> Likelihood:
    false = parameters().file_place.false
    prior = prior_over_towns(town_table)[named.towns]
    ratio = named.shares / float((prior * named.shares).sum())
    return Likelihood(
        source="file_place",
        description=f"{clue.text}: {named.description}",
        clue_ids=(clue.id,),
        country=np.full(len(town_table.codes), np.log(false)),
        towns=named.towns,
        town_log=np.log1p((1.0 - false) / false * ratio),
    )


def towns_of_claim(clue: Clue, town_table: TownTable) -> NamedTowns | None:
    """Return the towns that a claim means: its city's, else its region's, else its country's.

    None where the gazetteer knows none of its names.
    """
    names = {name: clue.attributes.get(name, "") for name in _NAMES}
    countries = _countries_of(names["country_code"], names["country"], town_table)
    regions = _regions_of(names["region"], countries, town_table)
    cities = _cities_of(names["city"], countries, regions, town_table)
    if len(cities):
        return _with_surroundings(cities, town_table)
    if regions:
        towns = np.concatenate([town_table.towns_of_region(*region) for region in regions])
        words = ", ".join(f"{name} ({town_table.codes[number]})" for number, name in regions[:3])
        return NamedTowns(np.unique(towns), np.ones(len(np.unique(towns))), words)
    if countries:
        towns = np.concatenate([_rows(town_table, number) for number in sorted(countries)])
        words = " or ".join(town_table.gazetteer.countries[number].name for number in countries)
        return NamedTowns(towns, np.ones(len(towns)), words) if len(towns) else None
    return None


def _countries_of(code: str, name: str, town_table: TownTable) -> list[int]:
    """Return the countries of a two- or three-letter code, else those of a name."""
    wanted = code.strip().upper()
    for number, country in enumerate(town_table.gazetteer.countries):
        if wanted and wanted in (country.code, country.iso3):
            return [number]
    return [town_table.number_of[found] for found in town_table.gazetteer.country_matches(name)]


def _regions_of(name: str, countries: list[int], town_table: TownTable) -> list[tuple[int, str]]:
    regions = town_table.regions.get(fold(name), ()) if name else ()
    return [region for region in regions if not countries or region[0] in countries]


def _cities_of(
    name: str, countries: list[int], regions: list[tuple[int, str]], town_table: TownTable
) -> Indices:
    """Return the towns of a name, in the country and the region where any of them is."""
    towns = town_table.gazetteer.matches(fold(name))[:MAX_TOWNS].astype(np.int64)
    if countries:
        towns = towns[np.isin(town_table.country[towns], countries)]
    names = {region for _, region in regions}
    inside = [town for town in towns.tolist() if town_table.gazetteer.region(town) in names]
    return np.array(inside, dtype=np.int64) if inside else towns


def _with_surroundings(cities: Indices, town_table: TownTable) -> NamedTowns:
    """Return the towns and those around: a suburb is often called by its city."""
    weights, gazetteer = parameters().file_place, town_table.gazetteer
    share_of: dict[int, float] = {}
    for city in cities.tolist():
        lat_deg, lon_deg = float(gazetteer.lat_deg[city]), float(gazetteer.lon_deg[city])
        around, _ = town_table.near(lat_deg, lon_deg, weights.around_km)
        same_country = around[town_table.country[around] == town_table.country[city]]
        share_of |= dict.fromkeys(same_country.tolist(), weights.around_share)
    share_of |= dict.fromkeys(cities.tolist(), 1.0)
    towns = np.array(sorted(share_of), dtype=np.int64)
    shares = np.array([share_of[town] for town in towns.tolist()])
    words = [f"{gazetteer.name(c)} ({town_table.codes[town_table.country[c]]})" for c in cities[:3]]
    return NamedTowns(towns, shares, ", ".join(dict.fromkeys(words)))


def _rows(town_table: TownTable, country: int) -> Indices:
    rows = town_table.towns_of(country)
    return np.arange(rows.start, rows.stop, dtype=np.int64)


SOURCE = Source(
    name="file_place",
    kind="file_place",
    label=mark("Place named in the file (a claim)"),
    check="set by hand: one file in seven is taken to name a place the photo was not taken at, as "
    "a template or an agency's address; checked by the tests' files with names",
    likelihood=file_place_likelihood,
)
