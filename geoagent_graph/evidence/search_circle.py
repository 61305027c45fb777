"""A circle that a person has drawn on the map: points in it, and what it says about a radius."""

import math

from geoagent_graph.evidence.point_components import PointClaim
from geoagent_graph.geo.sphere import HALF_CIRCUMFERENCE_KM, distance_km
from geoagent_graph.questions import MapRegion

_HELD = 0.9


def in_circle(claim: PointClaim, circle: MapRegion | None) -> bool:
    """Return whether a claimed point lies in the circle; True where there is none."""
    if circle is None:
        return True
    return _away_km(circle, claim.lat_deg, claim.lon_deg) <= circle.radius_km


def circle_point(circle: MapRegion) -> tuple[float, float, float]:
    """Return its middle and the radius that holds nine tenths of its area."""
    return circle.lat_deg, circle.lon_deg, circle.radius_km * math.sqrt(_HELD)


def within_circle(
    point: tuple[float, float, float], circle: MapRegion | None
) -> tuple[float, float, float]:
    """Return a point (lat_deg, lon_deg, radius_km) with a radius no larger than the circle needs.

    If the truth lies in the circle, it is no farther away than its far edge.
    """
    if circle is None:
        return point
    lat_deg, lon_deg, radius_km = point
    edge_km = _away_km(circle, lat_deg, lon_deg) + circle.radius_km
    return lat_deg, lon_deg, min(radius_km, edge_km, HALF_CIRCUMFERENCE_KM)


def _away_km(circle: MapRegion, lat_deg: float, lon_deg: float) -> float:
    return float(distance_km(circle.lat_deg, circle.lon_deg, lat_deg, lon_deg))
