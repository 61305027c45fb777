"""What is to be said of a position that a file claims: what speaks against it, what lies around."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Sequence

from geoagent_graph.geo.position_spread import RADII_PER_ERROR, place_shares
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.nodes.recording import Recorder
from geoagent_graph.number_words import distance, percent
from geoagent_graph.protocols import GeocodedPoint, PointEstimate
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import CONTINENTS, Clue, Evidence, Place

MIN_AWAY_KM = 1.0
MAX_AGAINST_LOG_LR = -0.9
"""What is 2.5 times less likely at the position than anywhere speaks against it."""
MAX_REASONS = 2
MIN_FAR_TOWN_KM = 25.0
MAX_BORDER_RADIUS_KM = 100.0


async def position_warnings(
    clues: Sequence[Clue], answer: PointEstimate, tools: Toolbox, recorder: Recorder
) -> list[str]:
    """Return what a reader must know of each position that the file claims.

    Only what was seen speaks against it, never where people live: a claim that the answer does not
    follow for another reason is not said to be contradicted.
    """
    warnings = []
    for clue in clues:
        if clue.kind != "exif_position":
            continue
        claim = (float(clue.attributes["lat_deg"]), float(clue.attributes["lon_deg"]))
        point = await recorder.call(
            "geocoder.reverse",
            {"lat_deg": claim[0], "lon_deg": claim[1]},
            lambda found: f"{found.city}, {found.country}",
            tools.geocoder.reverse,
            *claim,
        )
        against = await asyncio.to_thread(_reasons_against, claim, point, clues, tools)
        away_km = float(distance_km(*claim, answer.lat_deg, answer.lon_deg))
        if away_km > max(answer.radius_km, MIN_AWAY_KM):
            warnings.append(_elsewhere_words(clue, point, away_km, against))
            continue
        if against:
            warnings.append(f"{clue.text}: what the photo shows speaks against it: {against}")
        if point is not None:
            warnings += await asyncio.to_thread(_surroundings, clue, claim, point, answer, tools)
    return warnings


def _elsewhere_words(clue: Clue, point: GeocodedPoint | None, away_km: float, against: str) -> str:
    named = f" ({point.city}, {point.country})" if point is not None else ""
    said = f"{clue.text}{named}, {away_km:.0f} km from the answer"
    if against:
        return f"{said}: what the photo shows says otherwise: {against}"
    return f"{said}, though nothing that the photo shows speaks against it"


def _reasons_against(
    claim: tuple[float, float],
    point: GeocodedPoint | None,
    clues: Sequence[Clue],
    tools: Toolbox,
) -> str:
    """Return what was seen that the claimed place makes less likely, empty where nothing does.

    Similar photos do not count: they were searched inside what was accepted.
    """
    place = _place_of_claim(claim, point)
    shown = [clue for clue in clues if clue.kind != "exif_position"]
    if place is None or not shown:
        return ""
    lines = tools.evidence.score(place, None, shown, ())
    against = sorted(
        (line for line in lines if line.log_lr <= MAX_AGAINST_LOG_LR), key=lambda line: line.log_lr
    )
    seen: list[Evidence] = [line for line in against if line.clue_ids][:MAX_REASONS]
    if not seen and math.fsum(line.log_lr for line in lines) > MAX_AGAINST_LOG_LR:
        return ""
    said = seen or sorted(lines, key=lambda line: line.log_lr)[:MAX_REASONS]
    return "; ".join(line.reason for line in said)


def _place_of_claim(claim: tuple[float, float], point: GeocodedPoint | None) -> Place | None:
    """Return the town of the claim as a place; None where the geocoder knows none."""
    if point is None or point.continent_code not in CONTINENTS or not point.country_code:
        return None
    return Place(
        id=f"geonames:{point.geonames_id}",
        level="city",
        name=point.city or point.country,
        continent_code=point.continent_code,
        country_code=point.country_code,
        country=point.country,
        city=point.city,
        lat_deg=claim[0],
        lon_deg=claim[1],
    )


def _surroundings(
    clue: Clue,
    claim: tuple[float, float],
    point: GeocodedPoint,
    answer: PointEstimate,
    tools: Toolbox,
) -> list[str]:
    """Return that a border is within the error, or the nearest town far away, where it is so."""
    said = []
    if answer.radius_km <= MAX_BORDER_RADIUS_KM:
        error_km = answer.radius_km / RADII_PER_ERROR
        shares: defaultdict[str, float] = defaultdict(float)
        for place in place_shares(tools.geocoder, *claim, error_km):
            shares[place.point.country] += place.share
        if len(shares) > 1:
            words = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
            said.append(
                f"{clue.text}: a border is as near as the error of position and map: {words}"
            )
    if point.distance_km > MIN_FAR_TOWN_KM:
        sea = "at sea or in the wild, " if point.country_source == "nearest_town" else ""
        said.append(
            f"{clue.text}: {sea}{distance(point.distance_km)} from the nearest town, "
            f"{point.city}, {point.country}"
        )
    return said
