"""The words for numbers: how sure, how far, how strongly a clue speaks."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from geoagent_graph.number_words import JOINT_SOURCE
from geoagent_graph.number_words import MIN_ABS_LOG_LR as MIN_ABS_LOG_LR
from geoagent_graph.number_words import percent as percent
from geoagent_graph.translation import (
    continent_name,
    country_name,
    gettext,
    local_number,
    mark,
)
from geoagent_graph.types import (
    CONTINENTS,
    Answer,
    AnswerPlace,
    ClaimLevel,
    Evidence,
    Hypothesis,
    Level,
    Place,
    Usage,
)

ATTRIBUTION = mark(
    "Place names: GeoNames (geonames.org), CC BY 4.0. Map: Made with Natural Earth (public domain)."
)
NO_CLAIM = mark("No claim: the evidence is too thin")
NO_CLAIM_SENTENCE = mark(
    "Nothing in this photo speaks clearly enough for one place. "
    "The candidates below are what remains open, not an answer."
)
PRIOR_SENTENCE = mark(
    "Nothing seen in this photo tells places apart. "
    "Point, radius and candidates say where photos are taken at all, not where this one was."
)
CLAIM_SENTENCE = mark(
    "The evidence is consistent with {claim}: {sure}, within about {distance} of {point}."
)
CONTINENT_HEADLINE = mark("{continent}, country unknown")
TRIP_MORE = mark("{places} and {number} more")
MAX_TRIP_PLACES = 3
NEAR_HEADLINE = mark("Near {near}, {country}")
COUNTRY_HEADLINE = mark("{country}, city unknown")
UNNAMED_CONTINENT = mark("Unnamed continent")
UNNAMED_COUNTRY = mark("Unnamed country")
NODE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "observe": mark("Look at the photo"),
        "propose": mark("Name candidates"),
        "retrieve": mark("Look for similar photos"),
        "ground": mark("Place names on the map"),
        "judge": mark("Weigh the evidence"),
        "ask": mark("A person replies"),
        "person": mark("A person adds to it"),
        "answer": mark("Answer"),
    }
)

PROBABILITY_WORDS = (
    (0.99, mark("practically certain")),
    (0.90, mark("very likely")),
    (0.66, mark("likely")),
    (0.50, mark("more likely than not")),
    (0.33, mark("possible")),
    (0.10, mark("unlikely")),
    (0.0, mark("very unlikely")),
)
# Steps of the verbal scale that forensic reports use for likelihood ratios.
STRENGTH_WORDS = (
    (10_000.0, mark("very strongly")),
    (100.0, mark("strongly")),
    (10.0, mark("moderately")),
    (2.0, mark("weakly")),
)
WEAKEST_STRENGTH = mark("hardly")
LEVEL_NAMES: Mapping[Level, str] = MappingProxyType(
    {"continent": mark("continent"), "country": mark("country"), "city": mark("city")}
)
LEVELS_REACHED: Mapping[ClaimLevel, str] = MappingProxyType(
    {
        "none": mark("no level"),
        "continent": mark("down to the continent"),
        "country": mark("down to the country"),
        "city": mark("down to the city"),
    }
)
_CONTINENT_CODES = {name: code for code, name in CONTINENTS.items()}


def probability_words(probability: float) -> str:
    """Return the words for a probability: "very likely", "possible", ..."""
    return gettext(next(words for least, words in PROBABILITY_WORDS if probability >= least))


def distance(distance_km: float) -> str:
    """Return a distance with the precision it deserves: "50 m", "0.4 km", "25 km", "1,200 km"."""
    if distance_km < 0.1:
        return gettext("{number} m").format(number=local_number(distance_km * 1000))
    if distance_km < 10:
        number = local_number(distance_km, 1)
    elif distance_km < 100:
        number = local_number(distance_km)
    else:
        number = local_number(round(distance_km / 10) * 10)
    return gettext("{number} km").format(number=number)


def seconds(value: float) -> str:
    """Return how long something took: "0.25 s"."""
    return gettext("{number} s").format(number=local_number(value, 2))


def coordinates(lat_deg: float, lon_deg: float, radius_km: float = 0.0) -> str:
    """Return a point as "41.15°N, 8.61°W", with the digits that a radius around it deserves."""
    digits = next((digits for most, digits in ((1, 4), (10, 3), (100, 2)) if radius_km < most), 1)
    north, east = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.{digits}f}°{north}, {abs(lon_deg):.{digits}f}°{east}"


def place_name(place: Place) -> str:
    """Return a place with what it lies in: "Porto, Porto District, Portugal"."""
    if place.level != "city":
        return place_word(place)
    country = country_name(place.country_code, place.country) if place.country else None
    parts = (place.name, place.region, country)
    return ", ".join(dict.fromkeys(part for part in parts if part))


def place_word(place: Place) -> str:
    """Return what a country or continent is called; a town as the gazetteer has it."""
    if place.level == "continent":
        return continent_name(place.continent_code, place.name)
    return country_name(place.country_code, place.name) if place.level == "country" else place.name


class Claims(Protocol):
    """Whatever claims a place to a level: an answer, a photo of a trip, a summary."""

    @property
    def level(self) -> ClaimLevel:
        """How much of the place is claimed."""

    @property
    def place(self) -> AnswerPlace:
        """The place, with what lies above it."""


def headline(answer: Claims) -> str:
    """Return the claim in a few words: "Porto, Portugal", "Portugal, city unknown"."""
    place = answer.place
    if answer.level == "none":
        return gettext(NO_CLAIM)
    if answer.level == "continent":
        continent = continent_name(
            _CONTINENT_CODES.get(place.continent or ""), place.continent or ""
        )
        return gettext(CONTINENT_HEADLINE).format(continent=continent or gettext(UNNAMED_CONTINENT))
    named = country_name(place.country_code, place.country or place.country_code or "")
    if answer.level == "country":
        country, near = named or gettext(UNNAMED_COUNTRY), getattr(answer, "near", None)
        if near:
            return gettext(NEAR_HEADLINE).format(country=country, near=near)
        return gettext(COUNTRY_HEADLINE).format(country=country)
    parts = (place.city, place.region, named if place.country else None)
    return ", ".join(dict.fromkeys(part for part in parts if part))


def trip_headline(claims: Sequence[Claims]) -> str:
    """Return where the photos of a trip were taken in a few words: "Porto, Portugal; Spain"."""
    named = [headline(claim) for claim in claims if claim.level != "none"]
    places = list(dict.fromkeys(named))
    if not places:
        return gettext(NO_CLAIM)
    shown = "; ".join(places[:MAX_TRIP_PLACES])
    more = len(places) - MAX_TRIP_PLACES
    return gettext(TRIP_MORE).format(places=shown, number=more) if more > 0 else shown


def claim_sentence(answer: Answer) -> str:
    """Return what the answer stands for, and no more, in one sentence."""
    if answer.level == "none":
        return gettext(PRIOR_SENTENCE if answer.is_prior else NO_CLAIM_SENTENCE)
    sure = f"{probability_words(answer.probability)} ({percent(answer.probability)})"
    point = coordinates(answer.lat_deg, answer.lon_deg, answer.radius_km)
    return gettext(CLAIM_SENTENCE).format(
        claim=headline(answer), sure=sure, distance=distance(answer.radius_km), point=point
    )


def level_words(level: ClaimLevel) -> str:
    """Return how far an answer goes: "down to the city"."""
    return gettext(LEVELS_REACHED[level])


def strength(log_lr: float) -> str:
    """Return how strongly a piece of evidence speaks, for or against: mark("moderately")."""
    ratio = math.exp(min(abs(log_lr), 14.0))
    words = next((words for least, words in STRENGTH_WORDS if ratio >= least), WEAKEST_STRENGTH)
    return gettext(words)


def for_and_against(candidate: Hypothesis) -> tuple[list[Evidence], list[Evidence]]:
    """Return what spoke for a candidate and what against it, the strongest first."""
    own = [evidence for evidence in candidate.evidence if evidence.source != JOINT_SOURCE]
    ranked = sorted(own, key=lambda evidence: -abs(evidence.log_lr))
    spoken = [evidence for evidence in ranked if abs(evidence.log_lr) >= MIN_ABS_LOG_LR]
    return (
        [evidence for evidence in spoken if evidence.log_lr > 0],
        [evidence for evidence in spoken if evidence.log_lr < 0],
    )


def joint_evidence(candidate: Hypothesis) -> list[Evidence]:
    """Return what corrects the sum of the others, one line or none: it speaks for no side."""
    lines = [evidence for evidence in candidate.evidence if evidence.source == JOINT_SOURCE]
    return [evidence for evidence in lines if abs(evidence.log_lr) >= MIN_ABS_LOG_LR]


def cost(usage: Usage) -> str:
    """Return what a language model was asked for, in words."""
    return gettext("{calls} calls, {given} tokens in, {made} out, {images} pictures shown").format(
        calls=local_number(usage.calls),
        given=local_number(usage.prompt_tokens),
        made=local_number(usage.completion_tokens),
        images=local_number(usage.images),
    )
