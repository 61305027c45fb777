"""One answer of the agent as a row of `predictions.jsonl`."""

import math
from typing import Any

from geoagent_graph.types import CONTINENTS, LEVELS, Answer, Hypothesis

MAX_CANDIDATES = 40
MAX_ERROR_CHARS = 500  # the contract takes 512, on one line
MIN_COUNTRY_PROBABILITY = 0.001
MAX_RADIUS_KM = 20015.0  # half around the Earth
_CONTINENT_CODES = {name: code for code, name in CONTINENTS.items()}
_DIGITS_DEG = 6
_DIGITS = 7  # of a probability: more say nothing


def prediction_row(
    name: str,
    answer: Answer,
    dollars_per_million: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return what an answer claims, its candidates of the finest level and its countries.

    Args:
        name: the photo's id.
        answer: what the agent said; where it claims nothing the row is an abstention with a point.
        dollars_per_million: what a model's tokens cost, those of the prompt and those of the reply.
    """
    claims = answer.level != "none"
    place = answer.place
    row: dict[str, Any] = {
        "id": name,
        "lat_deg": round(answer.lat_deg, _DIGITS_DEG),
        "lon_deg": round(answer.lon_deg, _DIGITS_DEG),
        "level": answer.level,
        "probability": round(answer.probability, _DIGITS) if claims else None,
        "radius_km": round(min(answer.radius_km, MAX_RADIUS_KM), 3),
        "abstained": not claims,
        "continent": _CONTINENT_CODES.get(place.continent or ""),
        "country": place.country_code,
        "region": place.region,
        "city": place.city,
        "candidates": [_candidate(one) for one in finest_candidates(answer)],
        "countries": likely_countries(answer),
        "evidence": kinds_of_evidence(answer),
        "seconds": round(answer.seconds, 4),
        "cost": _dollars(answer, dollars_per_million),
    }
    return {field: value for field, value in row.items() if value is not None}


def failure_row(name: str, error: str) -> dict[str, Any]:
    """Return the row of a photo that could not be located."""
    plain = "".join(letter if letter.isprintable() else " " for letter in error)
    return {"id": name, "error": " ".join(plain.split())[:MAX_ERROR_CHARS] or "failed"}


def finest_candidates(answer: Answer) -> list[Hypothesis]:
    """Return the candidates of the finest level that was looked at, the likeliest first."""
    for level in reversed(LEVELS):
        found = answer.levels.get(level)
        if found:
            return list(found[:MAX_CANDIDATES])
    return []


def likely_countries(answer: Answer) -> dict[str, float]:
    """Return P(country) over the whole world, of the countries that are not all but ruled out.

    Where the evidence model does not say it, the countries that the answer looked at.
    """
    shares = answer.countries or {
        one.place.country_code: one.probability
        for one in answer.levels.get("country", ())
        if one.place.country_code is not None
    }
    return {
        code: round(share, _DIGITS)
        for code, share in shares.items()
        if share >= MIN_COUNTRY_PROBABILITY
    }


def kinds_of_evidence(answer: Answer) -> list[str]:
    """Return the kinds of clues that were found, so that photos can be told apart by them."""
    kinds = {clue.kind for clue in answer.clues}
    return sorted(kinds | ({"similar_photo"} if answer.references else set()))


def _candidate(hypothesis: Hypothesis) -> dict[str, Any]:
    place = hypothesis.place
    candidate: dict[str, Any] = {
        "lat_deg": round(place.lat_deg, _DIGITS_DEG),
        "lon_deg": round(place.lon_deg, _DIGITS_DEG),
        "probability": math.floor(hypothesis.probability * 10**_DIGITS) / 10**_DIGITS,
    }
    if place.level == "country":
        candidate["place"] = place.country_code
    elif place.level == "city" and place.id.startswith("geonames:"):
        candidate["place"] = place.id.partition(":")[2]
    return candidate


def _dollars(answer: Answer, dollars_per_million: tuple[float, float] | None) -> float | None:
    """Return what a model's tokens cost; 0 where none was asked, None where no price is known."""
    usage = answer.usage
    if not usage.calls:
        return 0.0
    if dollars_per_million is None:
        return None
    prompt, reply = dollars_per_million
    return (usage.prompt_tokens * prompt + usage.completion_tokens * reply) / 1e6
