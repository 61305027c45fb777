"""Finds what a written place name means: towns, countries and regions, or nothing."""

import re
from dataclasses import replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.country_aliases import ALIASES
from geoagent_graph.geo.found import (
    ALIAS_SHARE,
    MAX_WEIGHT,
    RARE_SHARE,
    SAME_PLACE_KM,
    Found,
    country_weight,
    region_weight,
    town_weight,
)
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.misspellings import Misspellings
from geoagent_graph.geo.name_search import Match, NameSearch
from geoagent_graph.geo.names import fold, variants
from geoagent_graph.geo.qualifiers import STATE_COUNTRIES, Area, Qualifiers, split_postal_code
from geoagent_graph.geo.region_names import BEFORE_IDEOGRAPHS, region_keys
from geoagent_graph.geo.regions import RegionTable
from geoagent_graph.geo.short_names import SHORT_NAMES
from geoagent_graph.geo.sphere import distance_km

_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]")
_TOWN_WORD: Final = re.compile(r" (?:city|town|ville|stad|stadt|village)$", re.IGNORECASE)
_BARE_SIMILARITY: Final = 0.95
_COMMAS: Final = re.compile(r"[,;،、，\n]+")
_MAX_FIELDS: Final = 8
_MAX_WORDS: Final = 7
# A place whose surroundings were named and fit is certain; a part that was passed over is not.
_PASSED_OVER_FACTOR: Final = 0.9
# Two or three capitals are a code before they are a town's whole name.
_MAX_CODE_CHARS: Final = 3
_NOT_BY_CODE: Final = 0.95


class PlaceFinder:
    """Finds names in any language; later parts narrow the first. Says nothing when in doubt."""

    def __init__(self, gazetteer: Gazetteer, regions: RegionTable) -> None:
        self._gazetteer = gazetteer
        self._regions = regions
        self._names = NameSearch(gazetteer)
        self._qualifiers = Qualifiers(gazetteer, regions)
        self._misspellings = Misspellings(gazetteer, regions)

    def find(self, text: str) -> list[Found]:
        """Return what a text may mean, best first; empty when it names no place that is known."""
        fields = [field.strip() for field in _COMMAS.split(text) if fold(field)][:_MAX_FIELDS]
        if not fields:
            return []
        found = self._find_single(fields[0]) if len(fields) == 1 else self._find_parts(fields)
        return self._without_doubles(found)

    def _find_single(self, name: str) -> list[Found]:
        plain, postal_code = split_postal_code(name)
        return (
            self.exact(name)
            or (self.exact(plain, postal_code) if plain else [])
            or self._find_words(name)
            or self._find_bare(name)
            or self._near(name)
        )

    def _find_bare(self, name: str) -> list[Found]:
        """Return the meanings without what stands in brackets, or what says the kind of place."""
        bare = _BRACKETS.sub(" ", name).strip()
        shorter = [bare] if bare != name.strip() else []
        inside = [part[1:-1] for part in _BRACKETS.findall(name)]
        parts = bare.split("/") if "/" in bare else []
        named = _TOWN_WORD.sub("", bare)
        for key in (*shorter, *region_keys(bare)[1:], *parts, *inside, named):
            found = self.exact(key)
            if found:
                return [replace(f, similarity=f.similarity * _BARE_SIMILARITY) for f in found]
        return []

    def _find_words(self, name: str) -> list[Found]:
        """Return the meanings of a name with its surroundings behind it, without a comma."""
        words = name.split()
        if len(words) > _MAX_WORDS:
            return []
        for cut in range(len(words) - 1, 0, -1):
            head, tail = " ".join(words[:cut]), " ".join(words[cut:])
            found = self._narrow(self.exact(head), [tail])
            if found:
                return found
        if any(char.isdigit() for char in name):
            for cut in range(1, len(words)):
                found = [f for f in self.exact(" ".join(words[cut:])) if f.town >= 0]
                if found and any(char.isdigit() for char in " ".join(words[:cut])):
                    return _pass_over(found, [" ".join(words[:cut])])
        return []

    def _find_parts(self, fields: list[str]) -> list[Found]:
        """Return the places of one part that the parts behind it confirm, or do not contradict.

        Small before large as in Europe and America, then large before small as in East Asia. A
        street before a town is passed over.
        """
        for start in range(len(fields)):
            for order in (fields, fields[::-1]):
                name, postal_code = split_postal_code(order[start])
                found = (
                    self.exact(order[start])
                    or self.exact(name, postal_code)
                    or self._find_words(name)
                )
                narrowed = self._narrow(found, order[start + 1 :])
                if start and (narrowed := [f for f in narrowed if f.town >= 0]):
                    narrowed = narrowed if self._may_skip(order[:start], order is fields) else []
                if narrowed:
                    return _pass_over(narrowed, order[:start])
        return self._narrow(self._near(fields[0]), fields[1:])

    def exact(self, name: str, postal_code: str = "") -> list[Found]:
        """Return all places with this name in any spelling, best first."""
        full_names = _full_names(name)
        if full_names:
            return [found for full in full_names for found in self._find_fully(full, name)]
        found = [
            Found(
                match.matched, match.similarity,
                self._weight(match.town, match.code) * self._own_share(match), match.town,
                match.code,
            )
            for match in self._names.exact(name)
        ]  # fmt: skip
        known = {item.code for item in found}
        found += [
            Found(fold(name), 1.0, self._weight(-1, code) * RARE_SHARE, code=code)
            for code in self._regions.countries_named(fold(name))
            if code not in known
        ]
        for number, key in enumerate(_region_variants(name)):
            for index in self._regions.matches(key):
                region = self._regions.region(index)
                weight = region_weight(region)
                weight *= 1.0 if key in region_keys(region.name) else ALIAS_SHARE
                found.append(Found(key, 1.0 if number == 0 else 0.98, weight, region=region))
        found = self._parts_before_countries(found)
        coded = self._by_code(name, postal_code)
        found = [replace(f, similarity=_NOT_BY_CODE) for f in found] if coded else found
        return sorted([*coded, *found], key=lambda f: f.rank)

    def _parts_before_countries(self, found: list[Found]) -> list[Found]:
        """Return the meanings; a country called like a part of it (Scotland) comes after it."""
        parts = {
            code: f.weight
            for f in found
            if f.region is not None
            for code in ALIASES.get(f.region.name, ())
            if code in f.region.country_codes
        }
        return [
            replace(f, weight=min(f.weight, parts[f.code] * RARE_SHARE))
            if f.town < 0 and f.region is None and f.code in parts
            else f
            for f in found
        ]

    def _find_fully(self, full_name: str, short_name: str) -> list[Found]:
        """Return the first meaning of what a short name stands for."""
        fields = full_name.split(", ")
        plain = [] if _full_names(fields[0]) else self.exact(fields[0])
        found = self._narrow(plain, fields[1:])[:1]
        return [replace(f, matched=short_name) for f in found]

    def _by_code(self, name: str, postal_code: str) -> list[Found]:
        """Return the states that two or three capitals stand for; a postal code may choose."""
        if not (name.isascii() and name.isupper() and len(name) <= _MAX_CODE_CHARS):
            return []
        areas = self._qualifiers.coded_regions(name, postal_code)
        regions = [area.region for area in areas if area.region is not None]
        coded = [r for r in regions if r.country_codes[0] in STATE_COUNTRIES]
        found = [Found(name, 1.0, region_weight(region), region=region) for region in coded]
        if postal_code and found:
            return found
        codes = [c.code for c in self._gazetteer.countries if name in (c.code, c.iso3)]
        return found + [Found(name, 1.0, self._weight(-1, code), code=code) for code in codes]

    def _narrow(self, found: list[Found], fields: list[str]) -> list[Found]:
        """Return the findings that no field contradicts; unknown fields are passed over."""
        unknown = []
        for field in fields if found else []:
            groups = self._read_field(field)
            if not groups:
                unknown.append(field)
            for areas in groups:
                found = [f for f in found if any(self._lies_in(f, area) for area in areas)]
        if unknown and (len(unknown) == len(fields) and not _is_number_only(unknown)):
            return []
        return _pass_over(found, [f for f in unknown if not _is_number_only([f])])

    def _read_field(self, field: str) -> list[list[Area]]:
        """Return what a field says, as alternatives that must all hold; empty when unknown."""
        plain, postal_code = split_postal_code(field)
        areas = self._qualifiers.areas(field) or (
            self._qualifiers.areas(plain, postal_code) if plain else []
        )
        if areas or not plain:
            return [areas] if areas else []
        words = plain.split()
        for cut in range(1, len(words)):
            pair = [self._qualifiers.areas(" ".join(words[:cut]), postal_code),
                    self._qualifiers.areas(" ".join(words[cut:]), postal_code)]  # fmt: skip
            if all(pair):
                return pair
        return []

    def _may_skip(self, fields: list[str], in_front: bool) -> bool:
        """Say whether parts may be passed over: a street in front, an unknown word behind."""
        areas = [area for field in fields for group in self._read_field(field) for area in group]
        if not in_front:
            return not areas
        return not any(area.country_code or area.continent_code for area in areas)

    def _lies_in(self, found: Found, area: Area) -> bool:
        if found.town >= 0:
            return self._qualifiers.holds_town(area, found.town)
        if found.region is not None:
            return self._qualifiers.holds_region(area, found.region)
        number = self._gazetteer.country_numbers.get(found.code)
        if number is None:
            return False
        return area.continent_code == self._gazetteer.countries[number].continent_code

    def _near(self, name: str) -> list[Found]:
        """Return the place whose name is a letter or two off, when only one can be meant."""
        nearest: list[Found] = []
        for known, similarity in self._misspellings.near_names(name):
            if nearest and similarity < nearest[0].similarity:
                break
            nearest += [
                replace(found, matched=known, similarity=similarity)
                for found in self.exact(known)
                if self._misspellings.is_well_known(found, self._name_count(found.town))
            ]
        return sorted(nearest, key=lambda f: f.rank)

    def _name_count(self, town: int) -> int:
        return int(self.name_counts[town]) if town >= 0 else 0

    def _weight(self, town: int, code: str) -> float:
        if town >= 0:
            return town_weight(int(self._gazetteer.population[town]), self._name_count(town))
        if code in self._gazetteer.country_numbers:
            return country_weight(self._gazetteer.country(code).population)
        return MAX_WEIGHT

    def _own_share(self, match: Match) -> float:
        """Return 1 where a town's own name matched, less where it was another one."""
        if match.town < 0 or match.matched in variants(self._gazetteer.name(match.town)):
            return 1.0
        return ALIAS_SHARE

    @cached_property
    def name_counts(self) -> NDArray[np.int64]:
        """Return in how many spellings each town is known."""
        lists = self._gazetteer._arrays["alias_lists"]
        return np.bincount(lists, minlength=len(self._gazetteer))

    def _without_doubles(self, found: list[Found]) -> list[Found]:
        """Return the findings in order, without other entries of what is there already.

        What a time zone is named after is mostly a town: its entry stands only where no other does.
        """
        kept: list[Found] = []
        for item in found:
            others = [other for other in found if other is not item]
            if item.is_zone and any(self._is_at(other, item) for other in others):
                continue
            if all(item.key != other.key and not _is_same_region(item, other) for other in kept):
                kept.append(item)
        return kept

    def _is_at(self, found: Found, zone: Found) -> bool:
        """Say whether a town or region lies where a zone's place does."""
        place = zone.region
        if place is None or found.is_zone or found.code:
            return False
        lat, lon = (
            (found.region.lat_deg, found.region.lon_deg)
            if found.region
            else (self._gazetteer.lat_deg[found.town], self._gazetteer.lon_deg[found.town])
        )
        away = distance_km(lat, lon, place.lat_deg, place.lon_deg)
        return float(away) <= max(place.radius_km, found.region.radius_km if found.region else 0.0)


def _is_same_region(item: Found, other: Found) -> bool:
    one, two = item.region, other.region
    if one is None or two is None or not set(one.country_codes) & set(two.country_codes):
        return False
    away = float(distance_km(one.lat_deg, one.lon_deg, two.lat_deg, two.lon_deg))
    return away <= max(SAME_PLACE_KM, min(one.radius_km, two.radius_km))


def _pass_over(found: list[Found], fields: list[str]) -> list[Found]:
    if not fields:
        return found
    return [
        replace(
            f,
            similarity=f.similarity * _PASSED_OVER_FACTOR,
            passed_over=(*fields, *f.passed_over),
        )
        for f in found
    ]


def _full_names(name: str) -> tuple[str, ...]:
    """Return what a short name stands for; two letters only in capitals."""
    plain = name.strip()
    if plain in SHORT_NAMES:
        return SHORT_NAMES[plain]
    return _FOLDED_SHORT_NAMES.get(fold(plain), ())


def _region_variants(name: str) -> tuple[str, ...]:
    """Return the keys to try for a region; names in kana and ideographs have more spellings."""
    keys = variants(name)
    if keys and keys[0][0] > BEFORE_IDEOGRAPHS:
        keys = tuple(dict.fromkeys((*keys, *region_keys(name))))
    return keys


def _is_number_only(fields: list[str]) -> bool:
    return all(not any(char.isalpha() for char in split_postal_code(f)[0]) for f in fields)


_FOLDED_SHORT_NAMES: Final = {
    fold(short): full for short, full in SHORT_NAMES.items() if len(fold(short)) > 2
}
