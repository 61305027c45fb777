"""What the description of a dialling area names: towns, or a division of the country."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from geoagent_graph.evidence.names.states import state_of_abbreviation
from geoagent_graph.evidence.towns import Indices, TownTable
from geoagent_graph.geo.names import fold

_NO_TOWNS: Indices = np.empty(0, dtype=np.int64)
_MAX_PARTS = 8
_MAX_ABBREVIATION = 4
_SEVERAL = re.compile(r"[/&;]| and ")
_BRACKETS = re.compile(r"\s*\([^()]*\)?\)?\s*")
# "Ouro Preto - MG", "San Jose, CA", "Matsumoto, Nagano": the last part says in which division
_QUALIFIED = re.compile(r"(.+?)(?:,\s*| - )([^,]+)")
_KIND_OF_DIVISION = re.compile(
    r"\b(?:province|region|state|county|district|departments?|governorate|territory|canton|"
    r"prefecture|oblast|krai|republic|autonomous|administrative|zone|dept|greater|of|the|"
    r"provincia|departement|sheng|fylke|ken|voivodeship)\b"
)


@dataclass(frozen=True, slots=True, eq=False)
class NamedPlaces:
    """What a description names: rows of towns, and the rows of all towns of a division.

    A name that is both a town's and a division's gives both. Sorted, so by population.
    """

    towns: Indices
    division: Indices


@dataclass(frozen=True, eq=False)
class CountryNames:
    """The names of the towns and first-level divisions of one country."""

    town_table: TownTable
    country: int
    _meant: dict[str, frozenset[str]] = field(default_factory=dict)

    def named(self, description: str) -> NamedPlaces:
        """Return what a description names in this country; empty where nothing is known."""
        for parts in self._readings(description):
            found = [self._place(head.strip(), qualifier) for head, qualifier in parts[:_MAX_PARTS]]
            if any(len(place.towns) or len(place.division) for place in found):
                return NamedPlaces(
                    np.unique(np.concatenate([place.towns for place in found])),
                    np.unique(np.concatenate([place.division for place in found])),
                )
        return NamedPlaces(_NO_TOWNS, _NO_TOWNS)

    def _readings(self, description: str) -> Iterator[list[tuple[str, str]]]:
        """Yield ways to take a description apart, as (name, division it lies in), best first."""
        plain = _BRACKETS.sub(" ", description).strip()
        match = _QUALIFIED.fullmatch(plain)
        if match and self._divisions_meant(match[2]):
            yield [(head, match[2]) for head in _SEVERAL.split(match[1])]
        elif match and state_of_abbreviation(match[2])[0]:
            return  # "London, ON" is of the other country of this calling code
        parts = [part for piece in plain.split(",") for part in _SEVERAL.split(piece)]
        yield [(part, "") for part in parts]
        if "-" in plain:
            yield [(part, "") for piece in parts for part in piece.split("-")]

    def _place(self, name: str, qualifier: str) -> NamedPlaces:
        key, plain = fold(name), plain_division(name)
        towns = self._towns(key)
        if qualifier:
            meant = self._divisions_meant(qualifier)
            inside = [town for town in towns.tolist() if self._division_of(town) in meant]
            return NamedPlaces(np.array(inside[:1] or towns[:1].tolist(), np.int64), _NO_TOWNS)
        division = self.divisions.get(plain, _NO_TOWNS)
        # "Quang Ninh province" is no town
        return NamedPlaces(_NO_TOWNS if plain != key and len(division) else towns[:1], division)

    def _towns(self, key: str) -> Indices:
        rows = self.town_table.towns_of(self.country)
        found = self.town_table.gazetteer.matches(key) if key else _NO_TOWNS
        return np.asarray(found[(found >= rows.start) & (found < rows.stop)], dtype=np.int64)

    def _division_of(self, town: int) -> str:
        return plain_division(self.town_table.gazetteer.region(town))

    def _divisions_meant(self, text: str) -> frozenset[str]:
        """Return the plain names of the divisions that a text names or abbreviates."""
        if text not in self._meant:
            _, state = state_of_abbreviation(text)
            key = plain_division(state or text)
            short = len(key) <= _MAX_ABBREVIATION and key not in self.divisions
            self._meant[text] = frozenset(
                name for name in self.divisions if name == key or (short and abbreviates(key, name))
            )
        return self._meant[text]

    @cached_property
    def divisions(self) -> dict[str, Indices]:
        """Plain name of a first-level division -> its towns."""
        rows, found = self.town_table.towns_of(self.country), dict[str, list[int]]()
        for town in range(rows.start, rows.stop):
            found.setdefault(self._division_of(town), []).append(town)
        found.pop("", None)
        return {name: np.array(towns, dtype=np.int64) for name, towns in found.items()}


def plain_division(name: str) -> str:
    """Return the folded name of a division without the word for its kind: "hiroshima"."""
    key = fold(name)
    return " ".join(_KIND_OF_DIVISION.sub(" ", key).split()) or key


def abbreviates(short: str, name: str) -> bool:
    """Say whether letters abbreviate a name: its first letter and others in their order."""
    if not short or not name or short[0] != name[0]:
        return False
    rest = iter(name)
    return all(letter in rest for letter in short)
