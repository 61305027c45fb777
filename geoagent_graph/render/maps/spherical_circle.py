"""The circle on the globe that should hold the truth, as polygons of a flat map."""

import math

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import EARTH_RADIUS_KM

_MIN_RADIUS_KM = 0.001
_WHOLE_GLOBE_KM = 20_015.0
_POINTS = 96

Ring = NDArray[np.float64]  # shape [points, 2]: longitude, latitude in degrees, closed
Polygon = list[Ring]  # the outer ring, counterclockwise, then holes, clockwise


def circle_polygons(lat_deg: float, lon_deg: float, radius_km: float) -> list[Polygon]:
    """Return what lies within `radius_km` of a point, cut at the date line as RFC 7946 asks.

    A radius below a metre gives no polygon, half the Earth's circumference the whole map.
    """
    if radius_km < _MIN_RADIUS_KM:
        return []
    if radius_km >= _WHOLE_GLOBE_KM:
        return [[_whole_map()]]
    radius_deg = math.degrees(radius_km / EARTH_RADIUS_KM)
    south, north = lat_deg - radius_deg <= -90.0, lat_deg + radius_deg >= 90.0
    if south and north:
        return _all_but(-lat_deg, lon_deg, 180.0 - radius_deg)
    if south or north:
        return [[_polar_cap(lat_deg, lon_deg, radius_deg, 90.0 if north else -90.0)]]
    return [[ring] for ring in _between_poles(lat_deg, lon_deg, radius_deg)]


def _whole_map() -> Ring:
    corners = [(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0), (-180.0, -90.0)]
    return np.array(corners)


def _all_but(lat_deg: float, lon_deg: float, radius_deg: float) -> list[Polygon]:
    """Return the map without the circle around a point's opposite meridian: it holds both poles."""
    import shapely

    opposite = (lon_deg + 360.0) % 360.0 - 180.0
    left_out = [shapely.Polygon(ring) for ring in _between_poles(lat_deg, opposite, radius_deg)]
    rest = shapely.difference(shapely.Polygon(_whole_map()), shapely.union_all(left_out))
    parts = shapely.get_parts(shapely.orient_polygons(rest))
    return [
        [np.asarray(ring.coords) for ring in (part.exterior, *part.interiors)] for part in parts
    ]


def _polar_cap(lat_deg: float, lon_deg: float, radius_deg: float, pole_deg: float) -> Ring:
    """Return a circle around a pole: every meridian crosses its edge once.

    On the meridian `away` from the centre, the edge solves a sin(lat) + b cos(lat) = cos(radius).
    """
    lons = np.linspace(-180.0, 180.0, 2 * _POINTS + 1)
    lat0 = math.radians(lat_deg)
    away = np.radians(lons - lon_deg)
    a, b = math.sin(lat0), math.cos(lat0) * np.cos(away)
    turn = np.arctan2(b, a)
    lean = np.arcsin(np.clip(math.cos(math.radians(radius_deg)) / np.hypot(a, b), -1.0, 1.0))
    northern = pole_deg > 0
    edge = np.degrees(lean - turn if northern else math.pi - lean - turn)
    edge = np.clip((edge + 180.0) % 360.0 - 180.0, -90.0, 90.0)
    sides = np.linspace(edge[0], pole_deg, 9)[1:]  # the map's edge is curved in some projections
    east, west = np.full(8, 180.0), np.full(8, -180.0)
    outline = [
        np.column_stack([lons, edge]),
        np.column_stack([east, sides]),
        np.column_stack([west, sides[::-1]]),
        np.array([[-180.0, edge[0]]]),
    ]
    ring: Ring = np.concatenate(outline)
    return ring if northern else ring[::-1]


def _between_poles(lat_deg: float, lon_deg: float, radius_deg: float) -> list[Ring]:
    """Return a circle that holds no pole, in one ring or cut at the date line into two."""
    turns = np.linspace(0.0, math.pi, _POINTS + 1)
    lats = lat_deg - radius_deg * np.cos(turns)
    lat, lat0 = np.radians(lats), math.radians(lat_deg)
    above = math.cos(math.radians(radius_deg)) - np.sin(lat) * math.sin(lat0)
    reach = np.degrees(np.arccos(np.clip(above / (np.cos(lat) * math.cos(lat0)), -1.0, 1.0)))
    rings = []
    for turn in (-360.0, 0.0, 360.0):
        west = np.maximum(lon_deg + turn - reach, -180.0)
        east = np.minimum(lon_deg + turn + reach, 180.0)
        on_map = west <= east
        if on_map.sum() > 1:
            rings.append(_ring_of_sides(lats[on_map], west[on_map], east[on_map]))
    return rings


def _ring_of_sides(
    lats: NDArray[np.float64], west: NDArray[np.float64], east: NDArray[np.float64]
) -> Ring:
    up, down = np.column_stack([east, lats]), np.column_stack([west, lats])[::-1]
    points = np.concatenate([up, down, up[:1]])
    moved = np.any(np.diff(points, axis=0) != 0.0, axis=1)
    ring: Ring = points[np.concatenate([[True], moved])]
    return ring
