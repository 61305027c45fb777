"""The world in the Equal Earth projection, as SVG: the answer, its circle, the candidates."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.render.maps.spherical_circle import circle_polygons
from geoagent_graph.render.maps.svg_path import Ring, cut, path_data, rings_of
from geoagent_graph.render.maps.world_shapes import flat_rings, world_shapes
from geoagent_graph.types import Answer, Hypothesis, Place

WIDTH = 960.0
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_HALF_WIDTH = 2.7066299836  # of the projected globe, at its equator
_HALF_HEIGHT = 1.3173627592
_SCALE = WIDTH / 2 / _HALF_WIDTH
HEIGHT = round(2 * _HALF_HEIGHT * _SCALE, 1)
_ROOM_FOR_PIN = 24.0  # above the North Pole
_GLOBE = (-180.0, -90.0, 180.0, 90.0)


def world_svg(answer: Answer | None, candidates: Sequence[Hypothesis], description: str) -> Element:
    """Return the map; `description` is its text for those who cannot see it.

    The circle and the pin are drawn only where there is an answer that claims a place; candidates
    are dots whose area grows with their probability.
    """
    svg = bare_world(description)
    claimed = answer if answer is not None and answer.level != "none" else None
    if claimed is not None:
        polygons = circle_polygons(claimed.lat_deg, claimed.lon_deg, claimed.radius_km)
        rings = (ring for polygon in polygons for ring in polygon)
        svg.append(element("path", {"class": "radius", "d": path_data(map(project, rings))}))
    for candidate in sorted(candidates, key=lambda candidate: -candidate.probability):
        svg.append(_candidate_dot(candidate.place, candidate.probability))
    if claimed is not None:
        x, y = project(np.array([[claimed.lon_deg, claimed.lat_deg]]))[0].tolist()
        svg.append(element("path", {"class": "pin", "d": pin_path(x, y)}))
    return svg


def bare_world(description: str) -> Element:
    """Return the map with nothing on it but land and sea."""
    return element(
        "svg",
        {
            "viewBox": f"0 {-_ROOM_FOR_PIN:g} {WIDTH:g} {HEIGHT + _ROOM_FOR_PIN:g}",
            "role": "img",
            "aria-label": description,
        },
        element("path", {"class": "sea", "d": path_data([project(_map_outline())])}),
        element("path", {"class": "land", "d": _land_path()}),
    )


def pin_path(x: float, y: float, size: float = 26.0) -> str:
    """Return a map pin whose tip stands on a point."""
    r = size * 0.36
    top, side = y - size, size * 0.3
    return (
        f"M{x:.1f},{y:.1f}L{x - side:.1f},{y - size * 0.5:.1f}"
        f"A{r:.1f},{r:.1f} 0 1 1 {x + side:.1f},{y - size * 0.5:.1f}Z"
        f"M{x:.1f},{top + size * 0.2:.1f}a{r * 0.4:.1f},{r * 0.4:.1f} 0 1 0 0.01,0Z"
    )


def _candidate_dot(place: Place, probability: float) -> Element:
    x, y = project(np.array([[place.lon_deg, place.lat_deg]]))[0].tolist()
    radius = 2.5 + 9.0 * math.sqrt(probability)
    return element(
        "circle", {"class": "dot", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:.1f}"}
    )


@functools.cache
def _land_path() -> str:
    flat = (
        part for land in world_shapes("110m") for ring in land.rings for part in flat_rings(ring)
    )
    return path_data(project(ring) for part in flat for ring in rings_of(cut(part, _GLOBE)))


def _map_outline() -> Ring:
    """Return the edge of the map: both sides of the date line."""
    lats = np.linspace(-90.0, 90.0, 61)
    east, west = np.full(61, 180.0), np.full(61, -180.0)
    edge = np.column_stack([np.concatenate([east, west]), np.concatenate([lats, lats[::-1]])])
    return np.concatenate([edge, edge[:1]])


def project(ring: Ring) -> Ring:
    """Return points of longitude and latitude in the units of the drawing."""
    theta = np.arcsin(math.sqrt(3.0) / 2.0 * np.sin(np.radians(ring[:, 1])))
    slope = 9 * _A4 * theta**8 + 7 * _A3 * theta**6 + 3 * _A2 * theta**2 + _A1
    x = 2.0 * math.sqrt(3.0) * np.radians(ring[:, 0]) * np.cos(theta) / (3.0 * slope)
    y = _A4 * theta**9 + _A3 * theta**7 + _A2 * theta**3 + _A1 * theta
    return np.column_stack([WIDTH / 2 + x * _SCALE, HEIGHT / 2 - y * _SCALE])
