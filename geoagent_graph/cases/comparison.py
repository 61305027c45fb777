"""Two branches side by side: where they part, and what each came to."""

from dataclasses import dataclass

from geoagent_graph.cases.view import CaseView
from geoagent_graph.types import LEVELS, Level, Place


@dataclass(frozen=True, slots=True)
class PlaceCompared:
    """One place in both branches; None where a branch has not judged it.

    The probabilities are over the whole world once a branch has an answer, before that inside the
    place accepted one level up.
    """

    level: Level
    place: Place
    first: float | None
    second: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two branches: the steps they share, the people's words after that, and their candidates."""

    first: CaseView
    second: CaseView
    shared_steps: int
    places: tuple[PlaceCompared, ...]


def compare(first: CaseView, second: CaseView) -> Comparison:
    """Return two branches side by side, the likeliest places of each level first."""
    shared = 0
    for one, other in zip(first.steps, second.steps, strict=False):
        if one != other:
            break
        shared += 1
    places = [row for level in LEVELS for row in _compare_level(level, first, second)]
    return Comparison(first, second, shared, tuple(places))


def _compare_level(level: Level, first: CaseView, second: CaseView) -> list[PlaceCompared]:
    sides = [
        {
            h.place.id: h
            for h in (view.answer.levels if view.answer else view.candidates).get(level, ())
        }
        for view in (first, second)
    ]
    places = {identity: h.place for side in sides for identity, h in side.items()}
    rows = [
        PlaceCompared(
            level,
            place,
            *(side[identity].probability if identity in side else None for side in sides),
        )
        for identity, place in places.items()
    ]
    return sorted(rows, key=lambda row: -max(row.first or 0.0, row.second or 0.0))
