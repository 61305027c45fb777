"""The evidence model of the small gazetteer, and photos whose own runs named a town."""

from functools import cache

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.trip_types import PhotoEvidence, Taken, parse_time_taken
from geoagent_graph.types import Hypothesis, Level, Place
from tests.support.small_gazetteer import small_gazetteer


@cache
def small_model() -> BayesEvidence:
    """Return the evidence model, its sources those that ship."""
    return BayesEvidence(small_gazetteer())


def judged_photo(
    name: str, town: int, probability: float, time: str | None = None, said_by: str = "person"
) -> PhotoEvidence:
    """Return a photo whose own run gave its continent, country and town the same probability."""
    place = small_gazetteer().place(town)
    places: dict[Level, Place] = {
        "continent": small_gazetteer().continent_place(place.continent_code),
        "country": small_gazetteer().country_place(place.country_code or ""),
        "city": place,
    }
    return PhotoEvidence(
        key=name,
        name=name,
        levels={level: (_judged(found, probability),) for level, found in places.items()},
        taken=taken_at(time, said_by) if time else None,
    )


def _judged(place: Place, probability: float) -> Hypothesis:
    return Hypothesis(
        level=place.level, place=place, prior=0.1, probability=probability, reason="run"
    )


def taken_at(time: str, said_by: str = "person") -> Taken:
    """Return a time as a person or a file says it."""
    return parse_time_taken(time).model_copy(update={"said_by": said_by})
