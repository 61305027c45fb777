"""Misspelt names: the one well-known place whose name is a letter or two off, or nothing."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.name_search import NameSearch
from geoagent_graph.geo.names import fold
from geoagent_graph.geo.regions import RegionTable

if TYPE_CHECKING:
    from geoagent_graph.geo.found import Found

_MIN_CHARS: Final = 5
_MIN_TWO_EDITS_CHARS: Final = 10
_MIN_KNOWN_CHARS: Final = 4
# People misspell places that they have heard of: a town that few languages name is not guessed at.
# Set by hand with benchmarks/geocode_names.py: made-up names find nothing, misspelt ones do.
_MIN_NAMES: Final = 12
_MIN_PEOPLE: Final = 15_000


class Misspellings:
    """Finds places of which many languages speak, one or two letters off."""

    def __init__(self, gazetteer: Gazetteer, regions: RegionTable) -> None:
        self._gazetteer = gazetteer
        self._regions = regions
        self._towns = NameSearch(gazetteer)

    def near_names(self, name: str) -> Iterator[tuple[str, float]]:
        """Yield (name that is known, similarity) of the nearest spellings, nearest first.

        One letter from five letters on, two from ten, and the first letter right: a name with
        another first letter is another name.
        """
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        key = fold(name)
        edits = max_edits(key)
        if edits == 0:
            return
        near = dict(self._towns.near_town_names(key))
        for known, distance, _ in process.extract(
            key, self._other_names, scorer=OSA.distance, score_cutoff=edits, limit=30
        ):
            near.setdefault(known, 1.0 - distance / len(key))
        near.pop(key, None)
        for known in sorted(near, key=lambda k: -near[k]):
            if known[0] == key[0] or sorted(known[:2]) == sorted(key[:2]):
                yield known, near[known]

    def is_well_known(self, found: "Found", name_count: int) -> bool:
        """Say whether a place is known well enough to be meant by a misspelt name."""
        if found.code:
            return True
        if found.region is not None:
            return found.region.name_count >= _MIN_NAMES
        return (
            name_count >= _MIN_NAMES and int(self._gazetteer.population[found.town]) >= _MIN_PEOPLE
        )

    @cached_property
    def _other_names(self) -> list[str]:
        """Return the names of countries and regions."""
        regions = self._regions.names
        names = [regions[index] for index in range(len(regions))]
        names += self._gazetteer.all_country_names()
        return [name for name in names if len(name) >= _MIN_KNOWN_CHARS]


def max_edits(key: str) -> int:
    """Return how many letters of a folded name may be wrong."""
    if len(key) < _MIN_CHARS or not any(char.isalpha() for char in key):
        return 0
    return 1 if len(key) < _MIN_TWO_EDITS_CHARS else 2
