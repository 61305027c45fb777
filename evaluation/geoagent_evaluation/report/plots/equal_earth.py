"""The world on paper: the Equal Earth projection, the outline of the land, great circles.

The projection is that of Šavrič, Patterson and Jenny, "The Equal Earth map projection", 2018.
"""

import functools
import json
import math
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # [n, 2]: longitude and latitude in degrees, or x and y

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_EDGE_POINTS = 91
_ARC_POINTS = 65


def project(lon_lat: Points) -> Points:
    """Return points as x and y; the equator is 5.413 wide, x grows eastward and y northward."""
    theta = np.arcsin(math.sqrt(3.0) / 2.0 * np.sin(np.radians(lon_lat[:, 1])))
    slope = 9 * _A4 * theta**8 + 7 * _A3 * theta**6 + 3 * _A2 * theta**2 + _A1
    x = 2.0 * math.sqrt(3.0) * np.radians(lon_lat[:, 0]) * np.cos(theta) / (3.0 * slope)
    y = _A4 * theta**9 + _A3 * theta**7 + _A2 * theta**3 + _A1 * theta
    return np.column_stack([x, y])


@functools.cache
def land_rings() -> tuple[Points, ...]:
    """Return the rings of the world's land in degrees, from the file in the package."""
    path = files("geoagent_evaluation") / "report" / "data" / "land.json"
    outline = json.loads(path.read_text("utf-8"))
    steps = (np.array(ring, np.float64).reshape(-1, 2) for ring in outline["rings"])
    return tuple(np.cumsum(ring, axis=0) / outline["units_per_degree"] for ring in steps)


def map_edge() -> Points:
    """Return the edge of the map, the date line on both sides, in degrees."""
    lat = np.linspace(-90.0, 90.0, _EDGE_POINTS)
    east, west = np.full(_EDGE_POINTS, 180.0), np.full(_EDGE_POINTS, -180.0)
    return np.column_stack([np.concatenate([east, west]), np.concatenate([lat, lat[::-1]])])


def great_circle(start: Points, end: Points) -> list[Points]:
    """Return the shortest way between two points (each [2], in degrees), cut at the date line."""
    a, b = _unit_vector(start), _unit_vector(end)
    angle = math.atan2(float(np.linalg.norm(np.cross(a, b))), float(a @ b))
    if angle < 1e-9 or angle > math.pi - 1e-6:  # no way, or every way is the shortest
        return [np.stack([start, end])] if angle < 1e-9 else []
    share = np.linspace(0.0, 1.0, _ARC_POINTS)[:, None]
    way = (np.sin((1.0 - share) * angle) * a + np.sin(share * angle) * b) / math.sin(angle)
    lat = np.degrees(np.arcsin(np.clip(way[:, 2], -1.0, 1.0)))
    lon = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    return _cut_at_date_line(np.column_stack([lon, lat]))


def _unit_vector(point: Points) -> Points:
    lon, lat = np.radians(point)
    return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])


def _cut_at_date_line(way: Points) -> list[Points]:
    """Return the parts of a way between its crossings of the date line, each up to the edge."""
    pieces, first = [], 0
    before: Points | None = None
    for index in np.flatnonzero(np.abs(np.diff(way[:, 0])) > 180.0).tolist():
        left, right = _edge_points(way[index], way[index + 1])
        pieces.append(_join_ends(before, way[first : index + 1], left))
        before, first = right, index + 1
    pieces.append(_join_ends(before, way[first:], None))
    return pieces


def _edge_points(a: Points, b: Points) -> tuple[Points, Points]:
    """Return where the step from `a` to `b` leaves the map and where it comes in again."""
    side = math.copysign(180.0, float(a[0]))
    beyond = float(b[0]) + 2.0 * side
    share = (side - float(a[0])) / (beyond - float(a[0])) if beyond != a[0] else 0.5
    lat = float(a[1]) + share * float(b[1] - a[1])
    return np.array([side, lat]), np.array([-side, lat])


def _join_ends(before: Points | None, middle: Points, after: Points | None) -> Points:
    ends = [
        part[None, :] if part.ndim == 1 else part
        for part in (before, middle, after)
        if part is not None
    ]
    return np.concatenate(ends)
