"""Which places come into question: those the model names and those the clues point to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import JsonValue

from geoagent_graph.policies.model.choice import LETTERS
from geoagent_graph.policies.model.place_lookup import PlaceLookup
from geoagent_graph.policies.model.replies import ReplyError, UnknownPlaces
from geoagent_graph.protocols import Situation
from geoagent_graph.types import Place

ELSEWHERE: Final = "somewhere else"
MAX_PLACES: Final = len(LETTERS) - 1
MAX_NAMED: Final = 10
MAX_FROM_CLUES: Final = 4
MAX_NAMES: Final = 20


class Shortlist:
    """Candidates of a level inside the accepted place, from names and clues."""

    def __init__(self, places: PlaceLookup) -> None:
        self._lookup = places

    def names_allowed(self, situation: Situation) -> list[str] | None:
        """Return the only names a model may propose; None where any name may be right."""
        if situation.level != "country" or situation.within is None:
            return None
        inside = self._lookup.countries(situation.within.continent_code)
        return [place.name for place in inside if place.id not in situation.excluded]

    def names_excluded(self, situation: Situation) -> str:
        """Return the names of ruled-out countries inside the region, for the prompt."""
        if situation.level != "country" or situation.within is None:
            return ""
        inside = self._lookup.countries(situation.within.continent_code)
        return ", ".join(place.name for place in inside if place.id in situation.excluded)

    def resolve(self, names: JsonValue, situation: Situation) -> tuple[Place, ...]:
        """Return the places of the names a model proposed.

        Raises:
            ReplyError: no list of names.
            UnknownPlaces: none of them is a place in the region.
        """
        if not isinstance(names, list):
            raise ReplyError("`candidates` must be a list of names")
        texts = [name if isinstance(name, str) else _name_in(name) for name in names[:MAX_NAMES]]
        found = [self._find_place(text, situation) for text in texts if text]
        places = tuple(place for place in found if place is not None)
        if not places:
            said = ", ".join(repr(text[:40]) for text in texts[:5]) or "none"
            where = situation.within.name if situation.within else "the world"
            raise UnknownPlaces(f"none of the candidates ({said}) is a known place in {where}")
        return places

    def complete(
        self, named: Sequence[Place], suggested: Sequence[Place], situation: Situation
    ) -> list[Place]:
        """Return the named places, the suggested ones and those of the model's own clues.

        Without doubles and exclusions; the best of each kind where there are too many.
        """
        pointed = [] if situation.level == "continent" else self._of_clues(situation)
        chosen = (*named[:MAX_NAMED], *pointed, *suggested)
        places = {place.id: place for place in chosen}
        return [place for place in places.values() if place.id not in situation.excluded][
            :MAX_PLACES
        ]

    def _of_clues(self, situation: Situation) -> list[Place]:
        if situation.level == "country":
            return list(self._countries_of_clues(situation))[:MAX_FROM_CLUES]
        return list(self._towns_of_clues(situation))[:MAX_FROM_CLUES]

    def _countries_of_clues(self, situation: Situation) -> Iterable[Place]:
        codes = Counter(
            code for clue in situation.clues if (code := clue.attributes.get("country_code"))
        )
        codes.update(r.country_code for r in situation.references[:10] if r.country_code)
        for code, _ in codes.most_common():
            place = self._lookup.country_of(code, situation.within)
            if place is not None:
                yield place

    def _towns_of_clues(self, situation: Situation) -> Iterable[Place]:
        within = situation.within
        if within is None or within.country_code is None:
            return
        for clue in situation.clues:
            name = clue.attributes.get("town")
            if clue.kind == "place_name":
                name = clue.attributes.get("name", clue.text)
            town = (
                self._lookup.town(name, within, clue.attributes.get("region", "")) if name else None
            )
            if town is not None:
                yield town

    def _find_place(self, name: str, situation: Situation) -> Place | None:
        within = situation.within
        if situation.level == "country":
            return self._lookup.country(name, within)
        if within is None or within.country_code is None:
            return None
        return self._lookup.town(name, within)


def _name_in(value: JsonValue) -> str:
    """Return the name in an object such as {"name": "Porto"}; empty where there is none."""
    name = value.get("name") if isinstance(value, dict) else None
    return name if isinstance(name, str) else ""
