"""The weights and thresholds of the evidence, typed, each group with how it was found.

They are read once from `data/evidence/fitted.json`. `how` begins with "fitted" or "set by hand", or
says so for each of its values. The groups stand by subject in `*_weights.py`.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from geoagent_graph.evidence.name_weights import ContextTable, NameWeights
from geoagent_graph.evidence.number_weights import CalendarWeights, RoadWeights
from geoagent_graph.evidence.parameter_group import Group
from geoagent_graph.evidence.person_weights import PersonWeights
from geoagent_graph.evidence.place_weights import (
    FilePlaceWeights,
    FilePositionWeights,
    GeocellWeights,
    PriorWeights,
    RadiusWeights,
    SimilarPhotoWeights,
)
from geoagent_graph.evidence.sun_weights import SunWeights
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.travel_weights import TravelWeights
from geoagent_graph.evidence.visual_weights import VisualWeights
from geoagent_graph.evidence.word_weights import (
    BrandWeights,
    CurrencyWeights,
    DomainWeights,
    LanguageWeights,
    OverlayWeights,
    PhoneWeights,
    PlateWeights,
    PostalCodeWeights,
)
from geoagent_graph.types import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds(Group):
    """From which probability on the default policy claims, and when it goes back or on."""

    continent: float
    country: float
    city: float
    listed: float  # of the probability inside the region
    left_out: float
    contradicted_log: float
    contradicted_probability: float
    only_town: float  # a city state
    least_support_log: float
    least_odds_log: float  # that much more weight of evidence is support for a capital too

    def of_level(self, level: Level) -> float:
        """Return the probability over the world that a place of this level needs."""
        return {"continent": self.continent, "country": self.country, "city": self.city}[level]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every weight and threshold of the evidence, by what it belongs to."""

    prior: PriorWeights
    language: LanguageWeights
    contexts: ContextTable
    names: NameWeights
    phone: PhoneWeights
    domain: DomainWeights
    currency: CurrencyWeights
    postal_code: PostalCodeWeights
    brand: BrandWeights
    plate: PlateWeights
    road: RoadWeights
    calendar: CalendarWeights
    overlay: OverlayWeights
    exif: FilePositionWeights
    file_place: FilePlaceWeights
    person: PersonWeights
    sun: SunWeights
    similar: SimilarPhotoWeights
    geocells: GeocellWeights
    visual: VisualWeights
    radius: RadiusWeights
    thresholds: Thresholds
    travel: TravelWeights


@cache
def parameters() -> Parameters:
    """Return the parameters that ship, read once."""
    return parameters_of(table("fitted"))


def parameters_of(stored: dict[str, Any]) -> Parameters:
    """Return the parameters as they are stored.

    Raises:
        TypeError: a weight is missing, or one is there that nothing reads.
    """
    groups = get_type_hints(Parameters)
    unknown = set(stored) - set(groups)
    if unknown:
        raise TypeError(f"fitted.json: nothing reads {', '.join(sorted(unknown))}")
    return Parameters(**{name: group.of(stored[name]) for name, group in groups.items()})
