"""What the description of a dialling area names: towns, or a division of the country."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.towns import Indices, TownTable
from geoagent_graph.geo.names import fold

_NO_TOWNS: Indices = np.empty(0, dtype=np.int64)
_MAX_PARTS = 8
_MAX_ABBREVIATION = 4
_MAX_NAMESAKES = 4
_MIN_SHORTENED_START = 4
_SHADOW_KM, _SHADOW_TIMES = 8.0, 5.0
_ONE_CALLING_CODE = {"US": "CA", "CA": "US"}
_SEVERAL = re.compile(r"[/&;]| and ")
_BRACKETS = re.compile(r"\s*\([^()]*\)?\)?\s*")
# "Ouro Preto - MG", "San Jose, CA", "Matsumoto, Nagano": the last part says in which division
_QUALIFIED = re.compile(r"(.+?)(?:,\s*| - )([^,]+)")
_KIND_OF_DIVISION = re.compile(
    r"\b(?:province|region|state|county|district|departments?|governorate|territory|canton|"
    r"prefecture|oblast|krai|republic|autonomous|administrative|zone|dept|greater|of|the|"
    r"provincia|departement|sheng|fylke|ken|voivodeship)\b| do$"
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
            found = [place for place in found if len(place.towns) or len(place.division)]
            if len(found) == 1:
                return found[0]
            if found:
                towns = np.unique(np.concatenate([place.towns for place in found]))
                return NamedPlaces(towns, np.unique(np.concatenate([p.division for p in found])))
        return NamedPlaces(_NO_TOWNS, _NO_TOWNS)

    def _readings(self, description: str) -> Iterator[list[tuple[str, str]]]:
        """Yield ways to take a description apart, as (name, division it lies in), best first."""
        plain = _BRACKETS.sub(" ", description).strip()
        match = _QUALIFIED.fullmatch(plain)
        if match and self._divisions_meant(match[2]):
            yield [(head, match[2]) for head in _SEVERAL.split(match[1])]
        elif match and self._is_of_neighbour(match[2]):
            return  # "London, ON" among the numbers of the United States
        parts = [part for piece in plain.split(",") for part in _SEVERAL.split(piece)]
        yield [(part, "") for part in parts]
        if "-" in plain:
            yield [(part, "") for piece in parts for part in piece.split("-")]

    def _place(self, name: str, qualifier: str) -> NamedPlaces:
        key = fold(name)
        towns = self._towns(key)
        if qualifier:
            meant = self._divisions_meant(qualifier) if len(towns) > 1 else frozenset[str]()
            inside = [self._division_of(town) in meant for town in towns.tolist()]
            towns = towns[inside] if any(inside) else towns
            return NamedPlaces(self._town_of_its_own(towns), _NO_TOWNS)
        plain = plain_division(name)
        division = self.divisions.get(plain, _NO_TOWNS)
        if not len(towns) and not len(division):
            division = self._shortened_division(plain)
        # "Quang Ninh province" is no town
        is_division = plain != key and len(division) > 0
        return NamedPlaces(_NO_TOWNS if is_division else self._town_of_its_own(towns), division)

    def _shortened_division(self, plain: str) -> Indices:
        """Return the one division that a name shortens: "gyeongbuk" Gyeongsangbuk-do."""
        beginning = plain[:_MIN_SHORTENED_START]
        found = [
            name
            for name in self.divisions
            if name.startswith(beginning) and _letters_in_order(plain, name)
        ]
        long_enough = len(plain) > _MIN_SHORTENED_START
        return self.divisions[found[0]] if len(found) == 1 and long_enough else _NO_TOWNS

    def _town_of_its_own(self, towns: Indices) -> Indices:
        """Return the largest of towns of one name that is no quarter of a city."""
        for town in towns[:_MAX_NAMESAKES].tolist() if len(towns) > 1 else ():
            if not is_in_shadow(self.town_table, town):
                return np.array([town], dtype=np.int64)
        return towns[:1]

    def _towns(self, key: str) -> Indices:
        rows = self.town_table.towns_of(self.country)
        found = self.town_table.gazetteer.matches(key).astype(np.int64)
        return found[(found >= rows.start) & (found < rows.stop)] if len(found) else found

    def _division_of(self, town: int) -> str:
        return plain_division(self.town_table.gazetteer.region(town))

    def _divisions_meant(self, text: str) -> frozenset[str]:
        """Return the plain names of the divisions that a text names or abbreviates."""
        if text not in self._meant:
            states = self._states()
            key = plain_division(states.get(text, text))
            short = len(key) <= _MAX_ABBREVIATION and not states
            exact = frozenset({key} & self.divisions.keys())
            self._meant[text] = exact or (abbreviated(key, self.divisions) if short else exact)
        return self._meant[text]

    def _states(self) -> dict[str, str]:
        """Return abbreviation -> state, where the table of them has the country."""
        states: dict[str, dict[str, str]] = table("subdivisions")
        return states.get(self.town_table.codes[self.country], {})

    def _is_of_neighbour(self, text: str) -> bool:
        """Say whether a text is a state of the other large country of this calling code."""
        code = self.town_table.codes[self.country]
        other = _ONE_CALLING_CODE.get(code)
        return other is not None and text in table("subdivisions")[other]

    @cached_property
    def divisions(self) -> dict[str, Indices]:
        """Plain name of a first-level division -> its towns."""
        rows, found = self.town_table.towns_of(self.country), dict[str, list[int]]()
        for town in range(rows.start, rows.stop):
            found.setdefault(self._division_of(town), []).append(town)
        found.pop("", None)
        return {name: np.array(towns, dtype=np.int64) for name, towns in found.items()}


def is_in_shadow(table: TownTable, town: int) -> bool:
    """Say whether a much larger town is so near that this is a quarter or a suburb of it."""
    lat_deg, lon_deg = table.gazetteer.lat_deg[town], table.gazetteer.lon_deg[town]
    around, _ = table.near(float(lat_deg), float(lon_deg), _SHADOW_KM)
    largest = float(table.population[around].max(initial=0.0))
    return largest > _SHADOW_TIMES * float(table.population[town])


@lru_cache(maxsize=4096)
def plain_division(name: str) -> str:
    """Return the folded name of a division without the word for its kind: "hiroshima"."""
    key = fold(name)
    return " ".join(_KIND_OF_DIVISION.sub(" ", key).split()) or key


def abbreviated(short: str, names: Iterable[str]) -> frozenset[str]:
    """Return the names that letters may stand for: "ma" Maranhao, "rj" Rio de Janeiro.

    Those that begin with them, else those with these initials, else those with these letters in
    their order after the first.
    """
    if not short:
        return frozenset()
    beginning = frozenset(name for name in names if name.startswith(short))
    initials = frozenset(n for n in names if "".join(word[0] for word in n.split()) == short)
    return beginning or initials or frozenset(n for n in names if _letters_in_order(short, n))


def _letters_in_order(short: str, name: str) -> bool:
    if not short or short[0] != name[0]:
        return False
    rest = iter(name)
    return all(letter in rest for letter in short)
