"""Names to places: exact aliases, then names of countries, then near misses."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.names import variants
from geoagent_graph.protocols import NamedPlace
from geoagent_graph.types import Place

# What a match is worth when it is not letter by letter the name that was asked for.
_VARIANT_SIMILARITY: Final = 0.98
_MIN_FUZZY_CHARS: Final = 5
_MIN_TWO_EDITS_CHARS: Final = 8
_MIN_PREFIX_CHARS: Final = 3
# A bound on the work of one fuzzy search.
_MAX_CANDIDATES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Match:
    """A town (`town` >= 0), a country or a continent (`code`) that a name may mean."""

    matched: str
    similarity: float
    population: int
    town: int = -1
    code: str = ""

    @property
    def rank(self) -> tuple[float, int]:
        """Sort key: the better match first, then the more populous place."""
        return (-self.similarity, -self.population)


class NameSearch:
    """Finds what a single name, without commas, may mean."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def exact(self, name: str) -> list[Match]:
        """Return all places with this name in any spelling, best first."""
        found: dict[tuple[int, str], Match] = {}
        for number, key in enumerate(variants(name)):
            similarity = 1.0 if number == 0 else _VARIANT_SIMILARITY
            for match in self._places_of_name(key, similarity):
                found.setdefault((match.town, match.code), match)
        return sorted(found.values(), key=lambda match: match.rank)

    def fuzzy(self, name: str) -> list[Match]:
        """Return the places whose name is one or two letters off, best first.

        One letter from five letters on, two from eight; shorter names have too many neighbours.
        Two wrong letters are found when the first or the last three letters are right.
        """
        found: dict[tuple[int, str], Match] = {}
        for key in variants(name)[:1]:
            for alias, similarity in self._near_aliases(key):
                for town in self._gazetteer.alias_towns(alias).tolist():
                    match = self._town_match(town, self._gazetteer.aliases[alias], similarity)
                    _keep_better(found, match)
            for known, similarity in self._near_countries(key):
                for code in self._gazetteer.country_matches(known):
                    _keep_better(found, self._country_match(code, known, similarity))
        return sorted(found.values(), key=lambda match: match.rank)

    def place(self, match: Match) -> Place:
        """Return the place a match stands for."""
        if match.town >= 0:
            return self._gazetteer.place(match.town)
        if match.code in self._gazetteer.country_numbers:
            return self._gazetteer.country_place(match.code)
        return self._gazetteer.continent_place(match.code.removeprefix("continent:"))

    def as_named_place(self, match: Match) -> NamedPlace:
        """Return a match as the geocoder's answer."""
        return NamedPlace(self.place(match), match.matched, match.population, match.similarity)

    def near_town_names(self, key: str) -> list[tuple[str, float]]:
        """Return (folded name, similarity) of the names of towns one or two letters off."""
        return [(self._gazetteer.aliases[a], near) for a, near in self._near_aliases(key)]

    def _places_of_name(self, key: str, similarity: float) -> Iterator[Match]:
        gazetteer = self._gazetteer
        for code in gazetteer.country_matches(key):
            yield self._country_match(code, key, similarity)
        for code in gazetteer.continent_matches(key):
            people = sum(c.population for c in gazetteer.countries if c.continent_code == code)
            yield Match(key, similarity, people, code=f"continent:{code}")
        for town in gazetteer.matches(key).tolist():
            yield self._town_match(town, key, similarity)

    def _town_match(self, town: int, matched: str, similarity: float) -> Match:
        return Match(matched, similarity, int(self._gazetteer.population[town]), town=town)

    def _country_match(self, code: str, matched: str, similarity: float) -> Match:
        return Match(matched, similarity, self._gazetteer.country(code).population, code=code)

    def _near_aliases(self, key: str) -> list[tuple[int, float]]:
        """Return (alias, similarity) of the aliases within the allowed number of edits."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        edits = _max_edits(key)
        if edits == 0:
            return []
        candidates = self._fuzzy_candidates(key, edits)
        choices = {alias: self._gazetteer.aliases[alias] for alias in candidates.tolist()}
        near = process.extract(key, choices, scorer=OSA.distance, score_cutoff=edits, limit=None)
        return [(alias, 1.0 - distance / len(key)) for _, distance, alias in near if distance]

    def _fuzzy_candidates(self, key: str, edits: int) -> NDArray[np.int64]:
        """Return the aliases that share the start or the end of a key and its rough length.

        With one edit, one half of the key is intact: the search is complete.
        """
        aliases, behind = self._gazetteer.aliases, self._gazetteer.aliases_from_behind
        cut = len(key) // 2 if edits == 1 else max(_MIN_PREFIX_CHARS, len(key) // 3)
        first, end = aliases.prefix_range(key[:cut])
        tail = key[cut:] if edits == 1 else key[-cut:]
        last, stop = self._gazetteer.suffix_range(tail)
        pool = np.concatenate([np.arange(first, end), behind[last:stop].astype(np.int64)])
        size = self._gazetteer.alias_bytes(pool)
        wanted = len(key.encode())
        slack = edits * max(len(char.encode()) for char in key)
        return np.unique(pool[np.abs(size - wanted) <= slack])[:_MAX_CANDIDATES]

    def _near_countries(self, key: str) -> list[tuple[str, float]]:
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        edits = _max_edits(key)
        if edits == 0:
            return []
        near = process.extract(
            key, self._country_names, scorer=OSA.distance, score_cutoff=edits, limit=20
        )
        return [(name, 1.0 - distance / len(key)) for name, distance, _ in near if distance]

    @cached_property
    def _country_names(self) -> list[str]:
        return [name for name in self._gazetteer.all_country_names() if len(name) >= 4]


def with_similarity(matches: list[Match], factor: float) -> list[Match]:
    """Return the matches worth less by a factor."""
    return [replace(match, similarity=match.similarity * factor) for match in matches]


def _keep_better(found: dict[tuple[int, str], Match], match: Match) -> None:
    known = found.get((match.town, match.code))
    if known is None or match.similarity > known.similarity:
        found[match.town, match.code] = match


def _max_edits(key: str) -> int:
    if len(key) < _MIN_FUZZY_CHARS or not any(char.isalpha() for char in key):
        return 0
    return 1 if len(key) < _MIN_TWO_EDITS_CHARS else 2
