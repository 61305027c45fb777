"""A circle that a person has drawn on the map: points in it, and what it says about a radius."""

import math
from dataclasses import replace

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.geo.sphere import HALF_CIRCUMFERENCE_KM, distance_km
from geoagent_graph.protocols import PointEstimate
from geoagent_graph.questions import SearchCircle


def in_circle(point: PointComponent, circle: SearchCircle | None) -> bool:
    """Return whether a point that may be the truth lies in the circle; True where there is none."""
    if circle is None:
        return True
    return _away_km(circle, point.lat_deg, point.lon_deg) <= circle.radius_km


def circle_point(circle: SearchCircle) -> PointEstimate:
    """Return its middle and the radius that holds nine tenths of its area."""
    radius_km = circle.radius_km * math.sqrt(parameters().radius.held)
    return PointEstimate(circle.lat_deg, circle.lon_deg, radius_km)


def within_circle(point: PointEstimate, circle: SearchCircle | None) -> PointEstimate:
    """Return a point with a radius no larger than the circle needs.

    If the truth lies in the circle, it is no farther away than its far edge.
    """
    if circle is None:
        return point
    edge_km = _away_km(circle, point.lat_deg, point.lon_deg) + circle.radius_km
    return replace(point, radius_km=min(point.radius_km, edge_km, HALF_CIRCUMFERENCE_KM))


def _away_km(circle: SearchCircle, lat_deg: float, lon_deg: float) -> float:
    return float(distance_km(circle.lat_deg, circle.lon_deg, lat_deg, lon_deg))
