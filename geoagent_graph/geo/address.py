"""Names with more than one part: "City, Country", "Stadt Region", a street before both."""

import re
from collections.abc import Iterator
from typing import Final

from geoagent_graph.geo.countries import us_states
from geoagent_graph.geo.gazetteer import Gazetteer
from geoagent_graph.geo.name_search import Match, NameSearch, with_similarity
from geoagent_graph.geo.names import fold, variants
from geoagent_graph.geo.regions import RegionTable

_COMMAS: Final = re.compile(r"[,;，、،\n]+")
_MAX_FIELDS: Final = 8
_MAX_WORDS: Final = 6
# What is left of a match when part of what was asked had to be ignored.
_SKIPPED_FIELD_FACTOR: Final = 0.9
_UNCONFIRMED_FACTOR: Final = 0.7


class AddressSearch:
    """Finds what a name means, later fields narrowing the first."""

    def __init__(self, gazetteer: Gazetteer, regions: RegionTable | None = None) -> None:
        """Take the towns; regions, where given, are known names that are no misspelt towns."""
        self._gazetteer = gazetteer
        self._regions = regions
        self._names = NameSearch(gazetteer)

    def find(self, text: str) -> list[Match]:
        """Return what a text may mean, best first; empty when nothing is near.

        A place that the other fields confirm comes first. Where none confirms it, the places of
        that name still come, at 0.7 of their similarity.
        """
        fields = [field.strip() for field in _COMMAS.split(text) if fold(field)][:_MAX_FIELDS]
        if not fields:
            return []
        if len(fields) == 1:
            return self._find_name(fields[0])
        return self._find_confirmed(fields) or with_similarity(
            self._find_name(fields[0]), _UNCONFIRMED_FACTOR
        )

    def _find_name(self, name: str) -> list[Match]:
        exact = self._names.exact(name)
        if exact:
            return exact
        splits = _cut_in_two(name)
        for head, tail in splits:
            found = self._narrow_by_fields(self._names.exact(head), [tail])
            if found:
                return found
        near = [] if self._is_region(name) else self._names.fuzzy(name)
        for head, _tail in splits if not near else []:
            found = with_similarity(self._names.exact(head), _UNCONFIRMED_FACTOR)
            if found:
                return found
        return near

    def _is_region(self, name: str) -> bool:
        """Say whether a name is that of a region: then no town near it in spelling is meant."""
        return self._regions is not None and any(map(self._regions.matches, variants(name)))

    def _find_confirmed(self, fields: list[str]) -> list[Match]:
        """Return the places of one field that all later fields confirm, the first such field's.

        Small before large as in Europe and America, then large before small as in East Asia.
        """
        for order in (fields, fields[::-1]):
            for start in range(len(order) - 1):
                found = self._narrow_by_fields(self._names.exact(order[start]), order[start + 1 :])
                if found:
                    return with_similarity(found, _SKIPPED_FIELD_FACTOR if start else 1.0)
        if self._is_region(fields[0]):
            return []
        return self._narrow_by_fields(self._names.fuzzy(fields[0]), fields[1:])

    def _narrow_by_fields(self, matches: list[Match], fields: list[str]) -> list[Match]:
        """Return the matches that lie in what every field names."""
        for field in fields:
            regions = set(_region_keys(field))
            codes = set(self._country_codes(field))
            matches = [match for match in matches if self._lies_in(match, regions, codes)]
        return matches

    def _lies_in(self, match: Match, regions: set[str], codes: set[str]) -> bool:
        gazetteer = self._gazetteer
        if match.town < 0:
            number = gazetteer.country_numbers.get(match.code)
            if number is None:
                return False
            return f"continent:{gazetteer.countries[number].continent_code}" in codes
        country_here = gazetteer.countries[gazetteer.country_index[match.town]]
        if country_here.code in codes or f"continent:{country_here.continent_code}" in codes:
            return True
        return fold(gazetteer.region(match.town)) in regions

    def _country_codes(self, field: str) -> Iterator[str]:
        """Yield the codes of the countries and continents a field names."""
        yield from self._gazetteer.country_matches(field)
        for code in self._gazetteer.continent_matches(field):
            yield f"continent:{code}"
        if field.isupper() and field in self._gazetteer.country_numbers:
            yield field


def _cut_in_two(name: str) -> list[tuple[str, str]]:
    """Return a name of several words cut in two, the longest first part first."""
    words = name.split()
    if len(words) > _MAX_WORDS:
        return []
    cuts = range(len(words) - 1, 0, -1)
    return [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in cuts]


def _region_keys(field: str) -> tuple[str, ...]:
    """Return the folded names of the region a field names: its own, or a US state's by its code."""
    state = us_states().get(field)
    return (fold(state),) if state else variants(field)
