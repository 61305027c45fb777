"""Regions: states, provinces, counties, districts, islands and landscapes, with all their names."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from numpy.typing import NDArray

from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.string_table import StringTable
from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.settings import Settings

# Raise it whenever the table, its keys or the layout of the arrays changes.
REGIONS_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a country, or an island or landscape of one or several.

    `id` is an ISO 3166-2 code or says its source; `kind` "state", "district", "island", ...;
    `country_codes` has one entry or several; most of it lies within `radius_km` of the point.
    `population` is that of its towns, 0 where unknown; `towns_region` what the gazetteer calls the
    first level that it is, or empty; `outer` the region it lies in, or empty; `name_count` in how
    many spellings it is known.
    """

    id: str
    kind: str
    country_codes: tuple[str, ...]
    lat_deg: float
    lon_deg: float
    radius_km: float
    population: int
    towns_region: str
    name: str
    outer: str
    name_count: int


@dataclass(frozen=True, eq=False)
class RegionTable:
    """All regions, found by any of their names."""

    _arrays: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        return len(self._arrays["lat_deg"])

    def matches(self, folded_name: str) -> list[int]:
        """Return the regions that bear exactly this folded name, the most populous first."""
        found = self.names.find(folded_name)
        return self.regions_of(found) if found >= 0 else []

    def regions_of(self, name_index: int) -> list[int]:
        """Return the regions of the name under an index of `names`."""
        starts = self._arrays["list_starts"]
        found = self._arrays["lists"][starts[name_index] : starts[name_index + 1]]
        return [int(number) for number in found]

    def region(self, number: int) -> Region:
        """Return a region by its number in the table."""
        arrays = self._arrays
        kind, codes, towns_region, own_id, outer, name = self._texts[number].split("\t")
        return Region(
            id=own_id,
            kind=kind,
            country_codes=tuple(codes.split()),
            lat_deg=float(arrays["lat_deg"][number]),
            lon_deg=float(arrays["lon_deg"][number]),
            radius_km=float(arrays["radius_km"][number]),
            population=int(arrays["population"][number]),
            towns_region=towns_region,
            name=name,
            outer=outer,
            name_count=int(arrays["name_count"][number]),
        )

    def with_code(self, code: str) -> list[int]:
        """Return the regions whose ISO 3166-2 code ends with these capitals ("TX", "NSW")."""
        return self._by_code.get(code, [])

    def countries_named(self, folded_name: str) -> list[str]:
        """Return the codes of the countries of this name in any language of CLDR."""
        arrays = self._arrays
        table = StringTable(arrays["country_blob"], arrays["country_starts"])
        found = table.find(folded_name)
        if found < 0:
            return []
        starts, codes = arrays["country_list_starts"], country_codes()
        return [
            codes[number] for number in arrays["country_lists"][starts[found] : starts[found + 1]]
        ]

    @cached_property
    def names(self) -> StringTable:
        """Return the folded names, sorted."""
        return StringTable(self._arrays["blob"], self._arrays["starts"])

    @cached_property
    def _texts(self) -> StringTable:
        return StringTable(self._arrays["text_blob"], self._arrays["text_starts"])

    @cached_property
    def _by_code(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number in range(len(self)):
            own_id = self._texts[number].split("\t")[3]
            country, dash, code = own_id.partition("-")
            if len(country) == 2 and dash and code.isalpha():
                found.setdefault(code, []).append(number)
        return found


def open_regions(
    settings: Settings, progress: Callable[[float, str], None] | None = None
) -> RegionTable:
    """Return the regions, compiled into `settings.cache_dir` on first use (seconds).

    Raises:
        GazetteerError: they must be compiled and the folder cannot be written.
    """
    manifest = {"table": "regions", "version": REGIONS_VERSION}
    path = settings.cache_dir / "regions.table"
    return RegionTable(open_or_build(path, manifest, _compile_arrays, progress))


def _compile_arrays(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    from geoagent_graph.geo.regions_compile import compile_regions

    return compile_regions(progress)
