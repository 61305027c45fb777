"""Cities with their suburbs: towns of a country, merged so that suburbs do not split the vote."""

import threading
from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.sphere import km_to_chord

_RADIUS_KM = ((1_000_000, 25.0), (200_000, 20.0), (0, 15.0))


@dataclass(frozen=True, slots=True, eq=False)
class Cities:
    """The cities of a country: `city_of[i]` is the city of its i-th town, `centre[k]` a row."""

    first: int
    city_of: Indices
    centre: Indices

    def towns_of(self, city: int) -> Indices:
        """Return the rows of a city's towns, sorted."""
        return np.flatnonzero(self.city_of == city) + self.first


class CityMap:
    """The cities of every country, worked out when first asked for."""

    def __init__(self, town_table: TownTable) -> None:
        self._town_table = town_table
        self._known: dict[int, Cities] = {}
        self._lock = threading.Lock()

    def of(self, country: int) -> Cities:
        """Return the cities of a country.

        From the most populous town down, each town that is not taken yet becomes a city and takes
        the towns within 15 to 25 km, by its size. The cities of a country never overlap.
        """
        with self._lock:
            if country not in self._known:
                self._known[country] = self._group_towns(country)
            return self._known[country]

    def _group_towns(self, country: int) -> Cities:
        towns = self._town_table.towns_of(country)
        population = self._town_table.population[towns]
        city_of = np.full(len(population), -1, dtype=np.int64)
        centres: list[int] = []
        rest = np.arange(len(population))  # towns that may still be free
        vectors = self._town_table.vectors[towns]
        taken = 0
        for town in np.argsort(-population, kind="stable").tolist():
            if city_of[town] >= 0:
                continue
            radius_km = next(km for least, km in _RADIUS_KM if population[town] >= least)
            cosines = vectors @ self._town_table.vectors[town + towns.start]
            around = rest[cosines >= 1.0 - float(km_to_chord(radius_km)) ** 2 / 2]
            around = around[city_of[around] < 0]
            city_of[around] = len(centres)
            city_of[town] = len(centres)  # its own cosine may round to less than 1
            centres.append(town + towns.start)
            taken += len(around)
            if taken > len(rest) // 4:
                free = city_of[rest] < 0
                rest, vectors, taken = rest[free], vectors[free], 0
        return Cities(towns.start, city_of, np.array(centres, dtype=np.int64))


def city_masses(cities: Cities, values: Floats) -> Floats:
    """Return the sum over each city of one value per town of the world."""
    here = values[cities.first : cities.first + len(cities.city_of)]
    return np.bincount(cities.city_of, here, len(cities.centre)).astype(np.float64)
