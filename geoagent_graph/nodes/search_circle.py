"""The circle a person has drawn on the map: what lies outside does not come into question."""

import asyncio
import math

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM, distance_km
from geoagent_graph.protocols import Geocoder
from geoagent_graph.questions import SearchCircle
from geoagent_graph.toolbox import Toolbox
from geoagent_graph.types import Hypothesis, Json

SAMPLES = 400


async def keep_inside(
    hypotheses: list[Hypothesis], region: Json | None, tools: Toolbox
) -> list[Hypothesis]:
    """Return the hypotheses that touch the region, their priors given that it is right.

    A town must lie in the circle; a country or continent must hold one of 400 points spread over
    it, so that a very small country at its edge can be missed.
    """
    if region is None or not hypotheses:
        return hypotheses
    circle = SearchCircle.model_validate(region)
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
