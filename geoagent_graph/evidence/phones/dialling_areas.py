"""The dialling areas of a country, from libphonenumber's table of prefixes."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.phones.area_names import CountryNames, NamedPlaces
from geoagent_graph.evidence.phones.area_table import area_table
from geoagent_graph.evidence.phones.placed_areas import load_placed_areas
from geoagent_graph.evidence.towns import MAX_TOWN_TABLES, Floats, Indices, TownTable
from geoagent_graph.geo.sphere import km_to_chord

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

MAX_SITES = 60
"""Towns that stand for one area: the most populous ones."""
_MAX_OTHERS_IN_DIVISION = 1
_MAX_COUNTRIES = 300
_MAX_SPREAD_KM = 100.0
_NO_TOWNS: Indices = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class AreaPrefix:
    """The longest prefix of a number that the table knows: calling code and first digits."""

    digits: str
    description: str


@dataclass(frozen=True, slots=True, eq=False)
class AreaSites:
    """The towns that stand for the areas of a country, area by area.

    `area` is the number of the area of each, ascending; `people` the population of the largest
    town of that area.
    """

    towns: Indices
    area: Indices
    people: Floats

    def of_rows(self, rows: NDArray[np.bool_]) -> "AreaSites":
        """Return some of the towns."""
        return AreaSites(self.towns[rows], self.area[rows], self.people[rows])

    def rivals_of(self, sites: Indices) -> "AreaSites":
        """Return the areas that share no town with an area: those beside it."""
        shared = np.unique(self.area[np.isin(self.towns, sites)])
        return self.of_rows(~np.isin(self.area, shared))


@dataclass(frozen=True, eq=False)
class DiallingAreas:
    """The areas of one country: the towns that stand for each.

    A description that names a division is one of its towns; one that names a town is that town.
    Where a name is both, it is the division unless other areas are named after towns inside.
    `prefixes` are sorted, with the description of each. `placed` is what `sites` are where they are
    known already; None finds them by the names.
    """

    names: CountryNames
    prefixes: Mapping[str, str]
    placed: dict[str, Indices] | None = None

    @classmethod
    def of(cls, town_table: TownTable, region: str) -> "DiallingAreas":
        """Return the areas of a country by its ISO code, made once."""
        return _areas_of_country(town_table, region)

    @cached_property
    def sites(self) -> dict[str, Indices]:
        """Description -> the towns that stand for the area; none without a known name."""
        if self.placed is not None:
            return self.placed
        return sites_by_name(self.names, self.prefixes.values())

    @cached_property
    def area_sites(self) -> AreaSites:
        """The same towns as arrays."""
        lengths = [len(towns) for towns in self.sites.values()]
        population = self.names.town_table.population
        people = [float(population[towns].max()) for towns in self.sites.values()]
        return AreaSites(
            np.concatenate([_NO_TOWNS, *self.sites.values()]),
            np.repeat(np.arange(len(lengths)), lengths),
            np.repeat(np.array(people, dtype=np.float64), lengths),
        )

    def sites_of_prefix(self, prefix: AreaPrefix) -> Indices:
        """Return the towns that stand for the area of a prefix; empty where none is known.

        A prefix is as wide as the longer ones that begin with it where its own name is not one of
        theirs; one whose description names nothing known lies where those beside it lie.
        """
        own = self.sites.get(prefix.description, _NO_TOWNS)
        longer = self._towns_below(prefix.digits)
        if len(longer) > 1 and (len(own) != 1 or own[0] not in longer):
            return longer
        return own if len(own) else self._towns_beside(prefix.digits)

    def _towns_beside(self, digits: str) -> Indices:
        """Return the towns of prefixes that differ in the last digits, if they lie together."""
        for dropped in (1, 2):
            towns = self._towns_below(digits[:-dropped])
            if len(towns) and self._is_compact(towns):
                return towns
        return _NO_TOWNS

    def _is_compact(self, towns: Indices) -> bool:
        vectors = self.names.town_table.vectors[towns]
        spread = float(np.linalg.norm(vectors - vectors[0], axis=1).max())
        return len(towns) > 1 and spread < float(km_to_chord(_MAX_SPREAD_KM))

    def _towns_below(self, stem: str) -> Indices:
        """Return the towns of prefixes that go on from a stem and name one town."""
        digits = self._digits
        first, end = bisect_left(digits, stem + "0"), bisect_left(digits, stem + ":")
        texts = dict.fromkeys(self.prefixes[one] for one in digits[first:end])
        sites = (self.sites.get(text, _NO_TOWNS) for text in texts)
        found = {int(towns[0]) for towns in sites if len(towns) == 1}
        return np.array(sorted(found)[:MAX_SITES], dtype=np.int64)

    @cached_property
    def _digits(self) -> list[str]:
        return list(self.prefixes)


def area_prefix(number: "PhoneNumber") -> AreaPrefix | None:
    """Return the prefix of a valid number that tells its area; None where the table has none."""
    import phonenumbers

    national = phonenumbers.national_significant_number(number)
    # in Argentina the token of mobile phones stands before the area
    code = number.country_code or 0
    token = phonenumbers.country_mobile_token(code)
    found = area_table().longest_prefix(f"{code}{national.removeprefix(token)}")
    return AreaPrefix(*found) if found else None


def sites_by_name(names: CountryNames, descriptions: Iterable[str]) -> dict[str, Indices]:
    """Return description -> the towns that stand for the area, in the order of the descriptions."""
    named = {text: names.named(text) for text in dict.fromkeys(descriptions)}
    towns = np.unique(np.concatenate([_NO_TOWNS, *(place.towns for place in named.values())]))
    found = {text: _sites_of(place, towns) for text, place in named.items()}
    return {text: sites for text, sites in found.items() if len(sites)}


def _sites_of(place: NamedPlaces, named_towns: Indices) -> Indices:
    if not len(place.division):
        return place.towns
    others = np.setdiff1d(np.intersect1d(place.division, named_towns), place.towns)
    inside = np.isin(place.towns, place.division).any()  # "California" is also in Maryland
    if inside and len(others) > _MAX_OTHERS_IN_DIVISION:
        return place.towns
    # rows of a country are sorted by population
    towns = np.union1d(place.towns, place.division) if inside else place.division
    return towns[:MAX_SITES]


@lru_cache(maxsize=MAX_TOWN_TABLES * _MAX_COUNTRIES)
def _areas_of_country(town_table: TownTable, region: str) -> DiallingAreas:
    names = CountryNames(town_table, town_table.number_of[region])
    placed = load_placed_areas().sites_of(region, town_table.gazetteer.geonames_id)
    return DiallingAreas(names, prefixes_of_country(region), placed)


def prefixes_of_country(region: str) -> Mapping[str, str]:
    """Return prefix -> description, sorted; of the countries of one calling code only its own."""
    import phonenumbers

    code = phonenumbers.country_code_for_region(region)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return _prefixes_of_code(str(code), metadata.leading_digits or "" if metadata else "")


@lru_cache(maxsize=_MAX_COUNTRIES)
def _prefixes_of_code(code: str, leading_digits: str) -> Mapping[str, str]:
    """Return those of a calling code that go on so; Australia shares 60,000 with two islands."""
    leading = re.compile(leading_digits)
    return {
        prefix: description
        for prefix, description in area_table().of_code(code)
        if leading.match(prefix, len(code))
    }
