"""Every town of the gazetteer: its country, its people and its neighbours."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.visual_weights import PhotoLook
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.sphere import chord_to_km, unit_vectors
from geoagent_graph.protocols import Geocoder

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

KM_PER_DEGREE = 111.0
MAX_TOWN_TABLES = 2
"""How many tables are at work in one process; what is made of each is kept."""
_MIN_REGION_POPULATION = 5000


@dataclass(frozen=True, eq=False)
class TownTable:
    """Towns as arrays: `country` is the country number of each, `vectors` are unit vectors.

    Towns are sorted by country; `starts[c] : starts[c + 1]` are the towns of country c. `geocoder`
    says where points lie, None where there is none. `look` is the model that sees photos, likewise.
    """

    gazetteer: Gazetteer
    codes: tuple[str, ...]
    number_of: dict[str, int]
    continents: NDArray[np.str_]
    country: Indices
    starts: Indices
    population: Floats
    vectors: NDArray[np.float32]
    geocoder: Geocoder | None = None
    look: PhotoLook | None = None

    @classmethod
    def of(
        cls,
        gazetteer: Gazetteer,
        geocoder: Geocoder | None = None,
        look: PhotoLook | None = None,
    ) -> "TownTable":
        """Return the towns of a gazetteer."""
        codes = tuple(country.code for country in gazetteer.countries)
        country = np.asarray(gazetteer.country_index, dtype=np.int64)
        return cls(
            gazetteer=gazetteer,
            codes=codes,
            number_of={code: number for number, code in enumerate(codes)},
            continents=np.array([country.continent_code for country in gazetteer.countries]),
            country=country,
            starts=np.searchsorted(country, np.arange(len(codes) + 1)),
            population=np.asarray(gazetteer.population, dtype=np.float64),
            vectors=unit_vectors(gazetteer.lat_deg, gazetteer.lon_deg).astype(np.float32),
            geocoder=geocoder,
            look=look,
        )

    def __len__(self) -> int:
        return len(self.country)

    def towns_of(self, country: int) -> slice:
        """Return the rows of a country's towns."""
        return slice(int(self.starts[country]), int(self.starts[country + 1]))

    def distances_km(self, lat_deg: float, lon_deg: float, towns: Indices | slice) -> Floats:
        """Return the great-circle distances from a point to the towns given."""
        point = unit_vectors(lat_deg, lon_deg)
        chords = np.linalg.norm(self.vectors[towns] - point, axis=1)
        return chord_to_km(chords)

    @cached_property
    def continent_numbers(self) -> Indices:
        """The continent of each town as a number, shape [towns]."""
        _, number_of_country = np.unique(self.continents, return_inverse=True)
        return np.asarray(number_of_country[self.country], dtype=np.int64)

    @cached_property
    def region_numbers(self) -> Indices:
        """The first-level division of each town as a number, shape [towns]."""
        names = self.gazetteer.region_index
        keys = self.country * (int(names.max(initial=0)) + 1) + names
        return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.int64)

    @cached_property
    def degree_cells(self) -> NDArray[np.int32]:
        """The number of the cell of one degree that each town lies in, shape [towns]."""
        lat = np.floor(self.gazetteer.lat_deg).astype(np.int32)
        lon = np.floor(self.gazetteer.lon_deg).astype(np.int32)
        return np.asarray((lat + 90) * 361 + lon + 180, dtype=np.int32)

    def near(self, lat_deg: float, lon_deg: float, radius_km: float) -> tuple[Indices, Floats]:
        """Return the towns within a radius, and their distances in km."""
        band = radius_km / KM_PER_DEGREE
        first, end = np.searchsorted(self._latitudes_in_order, [lat_deg - band, lat_deg + band])
        towns = self._by_latitude[first:end]
        distances = self.distances_km(lat_deg, lon_deg, towns)
        inside = distances <= radius_km
        return towns[inside], distances[inside]

    @cached_property
    def regions(self) -> dict[str, tuple[tuple[int, str], ...]]:
        """Folded name of a first-level division -> (country number, its name) pairs."""
        large = np.flatnonzero(self.population >= _MIN_REGION_POPULATION)
        _, firsts = np.unique(self.region_numbers[large], return_index=True)
        table: dict[str, tuple[tuple[int, str], ...]] = {}
        for index in large[np.sort(firsts)].tolist():
            country, region = int(self.country[index]), self.gazetteer.region(index)
            key = fold(region)
            if key:
                table[key] = (*table.get(key, ()), (country, region))
        return table

    def towns_of_region(self, country: int, region: str) -> Indices:
        """Return the towns of a first-level division."""
        towns = self.towns_of(country)
        numbers, firsts = np.unique(self.gazetteer.region_index[towns], return_index=True)
        named = [self.gazetteer.region(towns.start + first) == region for first in firsts.tolist()]
        inside = np.isin(self.gazetteer.region_index[towns], numbers[named])
        return np.asarray(np.flatnonzero(inside) + towns.start, dtype=np.int64)

    @cached_property
    def _by_latitude(self) -> Indices:
        return np.argsort(self.gazetteer.lat_deg, kind="stable").astype(np.int64)

    @cached_property
    def _latitudes_in_order(self) -> Floats:
        return np.asarray(self.gazetteer.lat_deg)[self._by_latitude]
