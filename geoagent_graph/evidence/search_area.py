"""Areas that a person has drawn or named: their towns, their points, and how large they are."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.sphere import HALF_CIRCUMFERENCE_KM, distance_km
from geoagent_graph.protocols import PointEstimate
from geoagent_graph.search_areas import SearchArea, SearchCircle, SearchCountries, SearchOutline


def towns_in_area(area: SearchArea, town_table: TownTable) -> NDArray[np.bool_]:
    """Return which towns lie in an area, shape [towns]."""
    inside = np.zeros(len(town_table), dtype=bool)
    if isinstance(area, SearchCircle):
        towns, _ = town_table.near(area.lat_deg, area.lon_deg, area.radius_km)
        inside[towns] = True
        return inside
    if isinstance(area, SearchCountries):
        numbers = [
            town_table.number_of[code] for code in area.countries if code in town_table.number_of
        ]
        return np.asarray(np.isin(town_table.country, numbers))
    gazetteer = town_table.gazetteer
    return _lie_in_outline(area, gazetteer.lat_deg, gazetteer.lon_deg)


def _lie_in_outline(
    area: SearchOutline, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which points lie in an outline, its edge among it; same shape as the points."""
    import shapely

    rings = [(polygon[0], polygon[1:]) for polygon in area.polygons]
    shape = shapely.make_valid(
        shapely.MultiPolygon([shapely.Polygon(outer, holes) for outer, holes in rings])
    )
    west, south, east, north = shape.bounds
    inside = (lat_deg >= south) & (lat_deg <= north) & (lon_deg >= west) & (lon_deg <= east)
    shapely.prepare(shape)
    inside[inside] = shapely.intersects_xy(shape, lon_deg[inside], lat_deg[inside])
    return np.asarray(inside)


def in_areas(point: PointComponent, areas: Sequence[SearchArea]) -> bool:
    """Return whether a point that may be the truth lies in all areas; True where there is none.

    Whether it lies in a country is a matter of its towns, which are asked elsewhere.
    """
    lat_deg, lon_deg = np.array([point.lat_deg]), np.array([point.lon_deg])
    return all(
        _away_km(area, point.lat_deg, point.lon_deg) <= area.radius_km
        if isinstance(area, SearchCircle)
        else bool(_lie_in_outline(area, lat_deg, lon_deg)[0])
        for area in areas
        if not isinstance(area, SearchCountries)
    )


def circle_around(area: SearchArea) -> SearchCircle | None:
    """Return a circle that holds an area; None for countries, which their towns describe."""
    if isinstance(area, SearchCircle):
        return area
    if isinstance(area, SearchCountries):
        return None
    corners = np.array([point for polygon in area.polygons for point in polygon[0]])
    west, south = corners.min(axis=0)
    east, north = corners.max(axis=0)
    lat_deg, lon_deg = float((south + north) / 2), float((west + east) / 2)
    away_km = distance_km(lat_deg, lon_deg, corners[:, 1], corners[:, 0])
    lon_deg = (lon_deg + 180.0) % 360.0 - 180.0
    radius_km = min(max(1.0, float(np.max(away_km))), HALF_CIRCUMFERENCE_KM)
    return SearchCircle(lat_deg=lat_deg, lon_deg=lon_deg, radius_km=radius_km)


def point_of_area(areas: Sequence[SearchArea]) -> PointEstimate | None:
    """Return the middle of the smallest area and the radius that holds nine tenths of its area.

    None where no area has a middle.
    """
    circles = [circle for area in areas if (circle := circle_around(area)) is not None]
    if not circles:
        return None
    circle = min(circles, key=lambda one: one.radius_km)
    radius_km = circle.radius_km * math.sqrt(parameters().radius.held)
    return PointEstimate(circle.lat_deg, circle.lon_deg, radius_km)


def within_areas(point: PointEstimate, areas: Sequence[SearchArea]) -> PointEstimate:
    """Return a point with a radius no larger than the areas need.

    If the truth lies in an area, it is no farther away than its far edge.
    """
    circles = [circle for area in areas if (circle := circle_around(area)) is not None]
    edges_km = [_away_km(one, point.lat_deg, point.lon_deg) + one.radius_km for one in circles]
    return replace(point, radius_km=min(point.radius_km, HALF_CIRCUMFERENCE_KM, *edges_km))


def _away_km(circle: SearchCircle, lat_deg: float, lon_deg: float) -> float:
    return float(distance_km(circle.lat_deg, circle.lon_deg, lat_deg, lon_deg))
