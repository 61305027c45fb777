"""The words for numbers: how sure, how far, how strongly a clue speaks."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from geoagent_graph.number_words import JOINT_SOURCE
from geoagent_graph.number_words import MIN_ABS_LOG_LR as MIN_ABS_LOG_LR
from geoagent_graph.number_words import distance as distance
from geoagent_graph.number_words import percent as percent
from geoagent_graph.types import Answer, AnswerPlace, ClaimLevel, Evidence, Hypothesis, Place, Usage

ATTRIBUTION = (
    "Place names: GeoNames (geonames.org), CC BY 4.0. Map: Made with Natural Earth (public domain)."
)
NO_CLAIM = "No claim: the evidence is too thin"
NO_CLAIM_SENTENCE = (
    "Nothing in this photo speaks clearly enough for one place. "
    "The candidates below are what remains open, not an answer."
)
PRIOR_SENTENCE = (
    "Nothing seen in this photo tells places apart. "
    "Point, radius and candidates say where photos are taken at all, not where this one was."
)
CLAIM_SENTENCE = (
    "The evidence is consistent with {claim}: {sure}, within about {distance} of {point}."
)
CONTINENT_HEADLINE = "{continent}, country unknown"
NEAR_HEADLINE = "Near {near}, {country}"
COUNTRY_HEADLINE = "{country}, city unknown"
UNNAMED_CONTINENT = "Unnamed continent"
UNNAMED_COUNTRY = "Unnamed country"
NODE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "observe": "Look at the photo",
        "propose": "Name candidates",
        "retrieve": "Look for similar photos",
        "ground": "Place names on the map",
        "judge": "Weigh the evidence",
        "ask": "A person replies",
        "person": "A person adds to it",
        "answer": "Answer",
    }
)

PROBABILITY_WORDS = (
    (0.99, "practically certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.50, "more likely than not"),
    (0.33, "possible"),
    (0.10, "unlikely"),
    (0.0, "very unlikely"),
)
# Steps of the verbal scale that forensic reports use for likelihood ratios.
STRENGTH_WORDS = (
    (10_000.0, "very strongly"),
    (100.0, "strongly"),
    (10.0, "moderately"),
    (2.0, "weakly"),
)
WEAKEST_STRENGTH = "hardly"


def probability_words(probability: float) -> str:
    """Return the words for a probability: "very likely", "possible", ..."""
    return next(words for least, words in PROBABILITY_WORDS if probability >= least)


def coordinates(lat_deg: float, lon_deg: float, radius_km: float = 0.0) -> str:
    """Return a point as "41.15°N, 8.61°W", with the digits that a radius around it deserves."""
    digits = next((digits for most, digits in ((1, 4), (10, 3), (100, 2)) if radius_km < most), 1)
    north, east = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    return f"{abs(lat_deg):.{digits}f}°{north}, {abs(lon_deg):.{digits}f}°{east}"


def place_name(place: Place) -> str:
    """Return a place with what it lies in: "Porto, Porto District, Portugal"."""
    if place.level != "city":
        return place.name
    parts = (place.name, place.region, place.country)
    return ", ".join(dict.fromkeys(part for part in parts if part))


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
        return NO_CLAIM
    if answer.level == "continent":
        return CONTINENT_HEADLINE.format(continent=place.continent or UNNAMED_CONTINENT)
    if answer.level == "country":
        named = place.country or place.country_code or UNNAMED_COUNTRY
        near = getattr(answer, "near", None)
        if near:
            return NEAR_HEADLINE.format(country=named, near=near)
        return COUNTRY_HEADLINE.format(country=named)
    parts = (place.city, place.region, place.country)
    return ", ".join(dict.fromkeys(part for part in parts if part))


def claim_sentence(answer: Answer) -> str:
    """Return what the answer stands for, and no more, in one sentence."""
    if answer.level == "none":
        return PRIOR_SENTENCE if answer.is_prior else NO_CLAIM_SENTENCE
    sure = f"{probability_words(answer.probability)} ({percent(answer.probability)})"
    point = coordinates(answer.lat_deg, answer.lon_deg, answer.radius_km)
    return CLAIM_SENTENCE.format(
        claim=headline(answer), sure=sure, distance=distance(answer.radius_km), point=point
    )


def level_words(level: ClaimLevel) -> str:
    """Return how far an answer goes: "down to the city"."""
    return "no level" if level == "none" else f"down to the {level}"


def strength(log_lr: float) -> str:
    """Return how strongly a piece of evidence speaks, for or against: "moderately"."""
    ratio = math.exp(min(abs(log_lr), 14.0))
    return next((words for least, words in STRENGTH_WORDS if ratio >= least), WEAKEST_STRENGTH)


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
    tokens = f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out"
    return f"{usage.calls} calls, {tokens}, {usage.images} pictures shown"
