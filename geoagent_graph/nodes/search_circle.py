"""The areas a person has drawn or named: what lies outside does not come into question."""

import asyncio
import math

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM, distance_km
from geoagent_graph.protocols import Geocoder
from geoagent_graph.search_areas import AREA_KIND, SearchCircle
from geoagent_graph.state import AgentState, load
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Clue, Hypothesis, Place

SAMPLES = 400
MIN_INSIDE_LOG = -15.0
"""A place that an area makes less likely than this lies outside of it: see `PersonWeights`."""


async def keep_inside(
    hypotheses: list[Hypothesis], state: AgentState, within: Place | None, tools: Toolbox
) -> list[Hypothesis]:
    """Return the hypotheses that touch the areas that a person has drawn or named.

    An evidence model that weighs areas says which do, and conditions them; their priors stay. For
    one that does not, a town must lie in the circle, a country or continent hold one of 400 points
    spread over it, and the priors are given that the circle is right.
    """
    clues = [clue for clue in load(Clue, state.get("clues", [])) if clue.kind == AREA_KIND]
    region = state.get("region")
    if not hypotheses or not (clues or region):
        return hypotheses
    weighed = await asyncio.to_thread(_log_of_areas, hypotheses, within, clues, tools)
    if weighed is not None:
        pairs = zip(hypotheses, weighed, strict=True)
        return [hypothesis for hypothesis, log_lr in pairs if log_lr > MIN_INSIDE_LOG]
    if not region:
        return hypotheses
    return await _keep_inside_circle(hypotheses, SearchCircle.model_validate(region), tools)


def _log_of_areas(
    hypotheses: list[Hypothesis], within: Place | None, clues: list[Clue], tools: Toolbox
) -> list[float] | None:
    """Return what the areas say about each hypothesis; None where the evidence does not weigh them.

    Nothing is said either where nobody lives in them.
    """
    if not clues:
        return None
    lines = [tools.evidence.score(item.place, within, clues, ()) for item in hypotheses]
    own = [[line.log_lr for line in found if line.source == AREA_KIND] for found in lines]
    return [math.fsum(found) for found in own] if any(own) else None


async def _keep_inside_circle(
    hypotheses: list[Hypothesis], circle: SearchCircle, tools: Toolbox
) -> list[Hypothesis]:
    codes = await asyncio.to_thread(_codes_inside, circle, tools.geocoder)
    kept = [hypothesis for hypothesis in hypotheses if _touches_circle(hypothesis, circle, codes)]
    removed = math.fsum(h.prior for h in hypotheses) - math.fsum(h.prior for h in kept)
    scale = 1.0 / max(1.0 - removed, 1e-12)
    return [
        h.model_copy(
            update={
                "prior": min(1.0, h.prior * scale),
                "probability": min(1.0, h.probability * scale),
            }
        )
        for h in kept
    ]


def _touches_circle(hypothesis: Hypothesis, circle: SearchCircle, codes: frozenset[str]) -> bool:
    place = hypothesis.place
    if hypothesis.level == "continent":
        return f"continent:{place.continent_code}" in codes
    if hypothesis.level == "country":
        return f"country:{place.country_code}" in codes
    away_km = float(distance_km(circle.lat_deg, circle.lon_deg, place.lat_deg, place.lon_deg))
    return away_km <= circle.radius_km


def _codes_inside(circle: SearchCircle, geocoder: Geocoder) -> frozenset[str]:
    codes = set()
    for lat_deg, lon_deg in points_inside(circle):
        point = geocoder.reverse(lat_deg, lon_deg)
        codes |= {f"continent:{point.continent_code}", f"country:{point.country_code}"}
    return frozenset(codes)


def points_inside(circle: SearchCircle) -> list[tuple[float, float]]:
    """Return points (lat_deg, lon_deg) spread evenly over the circle, its centre first."""
    lat, lon = math.radians(circle.lat_deg), math.radians(circle.lon_deg)
    reach = min(circle.radius_km / EARTH_RADIUS_KM, math.pi)
    points = []
    for index in range(SAMPLES):
        # Equal areas on the sphere: the cosine of the angle from the centre falls evenly.
        angle = math.acos(1.0 - (1.0 - math.cos(reach)) * index / (SAMPLES - 1))
        bearing = index * math.pi * (3.0 - math.sqrt(5.0))
        sine = math.sin(lat) * math.cos(angle)
        sine += math.cos(lat) * math.sin(angle) * math.cos(bearing)
        to_lat = math.asin(max(-1.0, min(1.0, sine)))
        to_lon = lon + math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(lat),
            math.cos(angle) - math.sin(lat) * math.sin(to_lat),
        )
        points.append((math.degrees(to_lat), (math.degrees(to_lon) + 180.0) % 360.0 - 180.0))
    return points
