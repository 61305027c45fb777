"""Place text to coordinates, offline: the project's gazetteer, asked the way the paper asks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import fold, fold_uncached
from geoagent_graph.geo.sphere import chord_to_km, coordinates, unit_vectors
from geoagent_training.rewards.country_names import CountryNames
from geoagent_training.rewards.place_names import (
    Fields,
    items_of,
    keys_of,
    pieces_of,
    without_generic,
)

Precision = Literal["country", "region", "precise"]

_REGION_CUTOFF: Final = 88.0
_TOWN_CUTOFF: Final = 90.0
# A town this far from the centre of the region that was named contradicts it.
_REGION_REACH_KM: Final = 400.0
_CONTRADICTION_KM: Final = 100.0


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a text points to, which of its fields was used, and the country it lies in."""

    lat_deg: float
    lon_deg: float
    precision: Precision
    country_code: str


@dataclass(frozen=True, slots=True)
class _Point:
    vector: tuple[float, float, float]
    country: int
    region: str


class PlaceResolver:
    """Resolves "Country; Region; Specific location", dropping trailing fields that lead nowhere.

    Names are looked up by alias in any script, then fuzzily inside the country. A specific place
    must lie in the region and country that were named; a text whose parts contradict each other
    resolves to the part that all of them agree on.
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.countries = CountryNames(gazetteer)
        self._keys_by_country: dict[int, tuple[list[str], range]] = {}
        self._resolve = lru_cache(maxsize=100_000)(self._resolve_fields)
        self._one_country = lru_cache(maxsize=10_000)(self._names_one_country)

    def resolve(self, answers: Sequence[Fields]) -> NDArray[np.float64]:
        """Return (lat, lon) in degrees of each answer, [N, 2]; NaN where nothing is found."""
        nowhere = (math.nan, math.nan)
        found = [self._resolve(fields) for fields in answers]
        points = [(one.lat_deg, one.lon_deg) if one else nowhere for one in found]
        return np.array(points, dtype=np.float64).reshape(-1, 2)

    def explain(self, fields: Fields) -> Resolved | None:
        """Return where one answer points to, or None."""
        return self._resolve(fields)

    def forget(self) -> None:
        """Drop what was resolved so far; for measurements with a cold cache."""
        self._resolve.cache_clear()
        self._one_country.cache_clear()

    def country_codes(self, name: str) -> tuple[str, ...]:
        """Return the countries a text names: one, or several that share the name."""
        return self.countries.codes(name)

    def english_country(self, name: str) -> str:
        """Return the English name of the one country a text names; else the text as it is."""
        return self.countries.english_name(name)

    def lies_in(self, country: str, name: str) -> bool:
        """Say whether a text is exactly the name of a town or region of a country."""
        codes = self.country_codes(country)
        allowed = frozenset(self.gazetteer.country_numbers[code] for code in codes)
        key = fold(name)
        if not allowed or not key:
            return False
        if any(area.country in allowed for area in self._regions_by_name.get(key, ())):
            return True
        towns = self.gazetteer.matches(key)
        return bool(np.isin(self.gazetteer.country_index[towns], list(allowed)).any())

    def names_one_country(self, text: str) -> bool:
        """Say whether a text names a country, or a region known everywhere, and only one."""
        return self._one_country(text)

    def _names_one_country(self, text: str) -> bool:
        if self.countries.names_exactly(text):
            return True
        codes = [self.gazetteer.country_matches(item) for item in items_of(text)]
        if len({code[0] for code in codes if code}) > 1:
            return False
        return bool(self.country_codes(text) or self._region_by_key(text, frozenset()))

    def same_place(self, one: str, other: str) -> bool:
        """Say whether two texts name the same place: one spelling or one gazetteer entry."""
        first, second = keys_of(one), keys_of(other)
        if not first or not second:
            return False
        if set(first) & set(second):
            return True
        codes = self.countries.officially(one)
        if codes and codes == self.countries.officially(other):
            return True
        return self._most_populous_town(first) == self._most_populous_town(second) != -1

    def _most_populous_town(self, keys: Sequence[str]) -> int:
        for key in keys:
            towns = self.gazetteer.matches(key)
            if len(towns):
                return int(towns[0])
        return -1

    def _resolve_fields(self, fields: Fields) -> Resolved | None:
        country, region, precise = fields
        codes = self.country_codes(country) if country else ()
        if country and not codes:
            # "Hawaii; Honolulu": a region where the country should stand
            part = self._region_by_key(country, frozenset())
            if part is None or precise:
                return None
            codes = (self.gazetteer.countries[part.country].code,)
            region, precise = country, region
        allowed = frozenset(self.gazetteer.country_numbers[code] for code in codes)
        return self._resolve_inside(allowed, codes, region, precise)

    def _resolve_inside(
        self, allowed: frozenset[int], codes: tuple[str, ...], region: str, precise: str
    ) -> Resolved | None:
        town = self._town_in_named_region(region, precise, allowed)
        if town is not None:
            return self._resolve_point(town, "precise")
        area = self._find_region(region, allowed) if region else None
        if precise:
            town = self._find_town(precise, allowed, area)
            if town is not None:
                return self._resolve_point(town, "precise")
        if area is not None:
            return self._resolve_point(area, "region")
        if not codes:
            return None
        country = self.gazetteer.country(codes[0])
        return Resolved(country.lat_deg, country.lon_deg, "country", codes[0])

    def _town_in_named_region(
        self, region: str, precise: str, allowed: frozenset[int]
    ) -> _Point | None:
        """Return the town whose region bears exactly this name; the only reading without doubt."""
        if not region or not precise:
            return None
        inside = {
            (area.country, area.region)
            for key in keys_of(region)
            for area in self._regions_by_name.get(key, ())
            if not allowed or area.country in allowed
        }
        for key in keys_of(precise) if inside else ():
            for town in self.gazetteer.matches(key).tolist():
                number = int(self.gazetteer.country_index[town])
                if (number, self.gazetteer.region(town)) in inside:
                    return self._town_point(town)
        return None

    def _resolve_point(self, point: _Point, precision: Precision) -> Resolved:
        lat, lon = coordinates(np.array(point.vector))
        code = self.gazetteer.countries[point.country].code
        return Resolved(float(lat), float(lon), precision, code)

    def _find_region(self, name: str, allowed: frozenset[int]) -> _Point | None:
        """Return the centre of a region, or a town of that name, inside the allowed countries."""
        texts = (name, *pieces_of(name))
        for search in (self._region_by_key, self._fuzzy_region, self._any_town):
            for text in texts:
                found = search(text, allowed)
                if found is not None:
                    return found
        return self._fuzzy_town(name, allowed, None)

    def _any_town(self, name: str, allowed: frozenset[int]) -> _Point | None:
        return self._exact_town(name, allowed, None)

    def _region_by_key(self, text: str, allowed: frozenset[int]) -> _Point | None:
        for key in keys_of(text):
            known = self._regions_by_name.get(key, ())
            inside = [r for r in known if not allowed or r.country in allowed]
            if inside and (allowed or len(inside) == 1):
                return inside[0]
        return None

    def _fuzzy_region(self, name: str, allowed: frozenset[int]) -> _Point | None:
        from rapidfuzz import fuzz, process

        key = without_generic(fold(name))
        if len(key) < 5 or not allowed:
            return None
        keys = [k for country in allowed for k in self._region_keys.get(country, ())]
        best = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=_REGION_CUTOFF)
        return self._region_by_key(best[0], allowed) if best else None

    def _find_town(self, name: str, allowed: frozenset[int], area: _Point | None) -> _Point | None:
        exact = self._exact_town(name, allowed, area)
        if exact is not None:
            return exact
        pieces = pieces_of(name)
        found = [self._exact_town(piece, allowed, area) for piece in pieces]
        named = [point for point in found if point is not None]
        if named:
            return None if _contradict_each_other(named) else named[0]
        return self._fuzzy_town(name, allowed, area) if not pieces else None

    def _exact_town(self, name: str, allowed: frozenset[int], area: _Point | None) -> _Point | None:
        for key in keys_of(name):
            town = self._best_town(self.gazetteer.matches(key), allowed, area)
            if town is not None:
                return town
        return None

    def _best_town(
        self, towns: NDArray[np.int32], allowed: frozenset[int], area: _Point | None
    ) -> _Point | None:
        """Return the town inside the countries and near the area; the most populous of those."""
        if allowed and len(towns):
            inside = np.isin(self.gazetteer.country_index[towns], list(allowed))
            towns = towns[inside]
        if not len(towns):
            return None
        if area is None:
            return self._town_point(int(towns[0]))
        vectors = unit_vectors(self.gazetteer.lat_deg[towns], self.gazetteer.lon_deg[towns])
        distance_km = _distance_km(vectors, area.vector)
        in_region = np.array([self.gazetteer.region(int(t)) == area.region for t in towns])
        near = distance_km <= _REGION_REACH_KM
        for chosen in (in_region & near, near):
            if chosen.any():
                ranked = np.flatnonzero(chosen)
                return self._town_point(int(towns[ranked[0]]))
        return None

    def _town_point(self, town: int) -> _Point:
        vector = unit_vectors(
            [float(self.gazetteer.lat_deg[town])], [float(self.gazetteer.lon_deg[town])]
        )[0]
        number = int(self.gazetteer.country_index[town])
        return _Point(_as_triple(vector), number, self.gazetteer.region(town))

    def _fuzzy_town(self, name: str, allowed: frozenset[int], area: _Point | None) -> _Point | None:
        """Return a town whose own name is nearly this one; only inside a known country."""
        from rapidfuzz import fuzz, process

        key = without_generic(fold(name))
        if len(key) < 5 or not allowed or len(key) > 60:
            return None
        for country in sorted(allowed):
            keys, rows = self._town_keys(country)
            best = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=_TOWN_CUTOFF)
            if best:
                towns = np.array([rows[best[2]]], dtype=np.int32)
                return self._best_town(towns, allowed, area)
        return None

    def _town_keys(self, country: int) -> tuple[list[str], range]:
        """Return the folded names of a country's towns, and their rows."""
        known = self._keys_by_country.get(country)
        if known is None:
            first, end = self.gazetteer.country_range(self.gazetteer.countries[country].code)
            rows = range(first, end)
            known = [fold_uncached(self.gazetteer.name(row)) for row in rows], rows
            self._keys_by_country[country] = known
        return known

    @cached_property
    def _region_keys(self) -> dict[int, list[str]]:
        keys: dict[int, list[str]] = {}
        for key, points in self._regions_by_name.items():
            for point in points:
                keys.setdefault(point.country, []).append(key)
        return keys

    @cached_property
    def _regions_by_name(self) -> dict[str, tuple[_Point, ...]]:
        """Folded region name -> its population-weighted centres, the most populous first."""
        gazetteer = self.gazetteer
        vectors = unit_vectors(gazetteer.lat_deg, gazetteer.lon_deg)
        weights = np.maximum(gazetteer.population, 1).astype(np.float64)
        names = [gazetteer.region(town) for town in range(len(gazetteer))]
        groups: dict[tuple[int, str], int] = {}
        labels = np.array(
            [
                groups.setdefault((int(country), name), len(groups))
                for country, name in zip(gazetteer.country_index, names, strict=True)
            ]
        )
        sums = np.stack(
            [np.bincount(labels, weights * vectors[:, axis]) for axis in range(3)], axis=1
        )
        people = np.bincount(labels, weights)
        found: dict[str, list[tuple[float, _Point]]] = {}
        for (country, name), label in groups.items():
            centre = sums[label] / max(float(np.linalg.norm(sums[label])), 1e-9)
            point = _Point(_as_triple(centre), country, name)
            for key in keys_of(name):
                found.setdefault(key, []).append((float(people[label]), point))
        return {
            key: tuple(point for _, point in sorted(entries, key=lambda entry: -entry[0]))
            for key, entries in found.items()
        }


def _as_triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(vector[0]), float(vector[1]), float(vector[2])


def _distance_km(
    vectors: NDArray[np.float64], centre: tuple[float, float, float]
) -> NDArray[np.float64]:
    chords = np.linalg.norm(vectors - np.array(centre), axis=-1)
    return chord_to_km(chords)


def _contradict_each_other(points: Sequence[_Point]) -> bool:
    first = points[0].vector
    others = np.array([point.vector for point in points])
    return bool((_distance_km(others, first) > _CONTRADICTION_KM).any())
