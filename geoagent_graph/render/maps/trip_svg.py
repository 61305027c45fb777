"""The way of a trip on a map: its photos in the order of their times, each with its circle."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geoagent_graph.geo.sphere import coordinates, distance_km, unit_vectors
from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.render.maps import world_svg
from geoagent_graph.render.maps.map_labels import Labels
from geoagent_graph.render.maps.spherical_circle import circle_polygons
from geoagent_graph.render.maps.svg_path import Points, path_data
from geoagent_graph.render.maps.viewport import HEIGHT, WIDTH, Viewport
from geoagent_graph.render.maps.viewport_svg import (
    areas_in_view,
    country_path,
    name_countries,
    scale_bar,
)
from geoagent_graph.render.maps.world_shapes import world_shapes
from geoagent_graph.safe_text import visible

_MAX_REACH_KM = 5000.0  # wider trips are a matter for the world map
_MIN_HALF_HEIGHT_KM = 60.0  # the vectors are coarse: the way matters here, not the coast
_ROOM_KM = 60.0  # of a circle that is shown at least, so that a vague photo does not hide the way
_MARK = 11.0
_STEPS = 48
Draw = Callable[[Points], Points]


@dataclass(frozen=True, slots=True)
class Station:
    """A photo of the trip: its number, its best point, its circle; `on_way` if its time counts.

    `name` is written below the mark where there is room.
    """

    number: int
    lat_deg: float
    lon_deg: float
    radius_km: float
    on_way: bool
    name: str = ""


def trip_svg(stations: Sequence[Station], description: str) -> Element:
    """Return the map; stations on the way come in the order of their times.

    `description` is its text for those who cannot see it.
    """
    vectors = unit_vectors([s.lat_deg for s in stations], [s.lon_deg for s in stations])
    middle = vectors.mean(axis=0)
    lat, lon = coordinates(middle if np.linalg.norm(middle) > 1e-6 else vectors[0])
    reach_km = max(
        float(distance_km(lat, lon, s.lat_deg, s.lon_deg)) + min(s.radius_km, _ROOM_KM)
        for s in stations
    )
    if reach_km > _MAX_REACH_KM:
        svg = world_svg.bare_world(description)
        for part in _trip_paths(stations, world_svg.project):
            svg.append(part)
        return svg
    view = Viewport(float(lat), float(lon), max(_MIN_HALF_HEIGHT_KM, reach_km * 1.2))
    labels = Labels(
        WIDTH, HEIGHT, [(0.0, HEIGHT - 42, 200.0, HEIGHT), *_mark_frames(stations, view)]
    )
    countries = [
        (shape, areas) for shape in world_shapes("50m") if (areas := areas_in_view(view, shape))
    ]
    for name, place in {s.name: s for s in stations if s.name}.items():
        x, y = view.point(place.lat_deg, place.lon_deg)
        labels.add(visible(name, 40), x, y + _MARK + 16, "candidate")
    name_countries(view, countries, labels)
    return element(
        "svg",
        {"viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "role": "img", "aria-label": description},
        element("rect", {"class": "sea", "width": f"{WIDTH:g}", "height": f"{HEIGHT:g}"}),
        *(country_path(view, areas) for _, areas in countries),
        *_trip_paths(stations, lambda degrees: view.to_drawing(view.plane_km(degrees))),
        *labels.drawn,
        scale_bar(view),
    )


def _trip_paths(stations: Sequence[Station], draw: Draw) -> list[Element]:
    circles = [
        element("path", {"class": "radius", "d": path_data(draw(ring) for ring in rings)})
        for station in stations
        if (rings := _circle_rings(station))
    ]
    way = [station for station in stations if station.on_way]
    lines = [
        element("path", {"class": "way", "d": _open_path(draw(_great_circle(one, other)))})
        for one, other in pairwise(way)
    ]
    return [*circles, *lines, *_number_marks(stations, draw)]


def _circle_rings(station: Station) -> list[Points]:
    polygons = circle_polygons(station.lat_deg, station.lon_deg, station.radius_km)
    return [ring for polygon in polygons for ring in polygon]


def _number_marks(stations: Sequence[Station], draw: Draw) -> list[Element]:
    """Return one numbered mark per place; photos that lie on each other share it."""
    groups: list[tuple[float, float, list[int]]] = []
    for station in stations:
        x, y = draw(np.array([[station.lon_deg, station.lat_deg]]))[0].tolist()
        close = (g for g in groups if math.hypot(g[0] - x, g[1] - y) < 2 * _MARK)
        group = next(close, None)
        if group is None:
            groups.append((x, y, [station.number]))
        else:
            group[2].append(station.number)
    marks = []
    for x, y, numbers in groups:
        words = ", ".join(str(number) for number in sorted(numbers))
        wide = max(_MARK, 4.6 * len(words) + 5.0)
        plate = {"x": f"{x - wide:.1f}", "y": f"{y - _MARK:.1f}", "rx": f"{_MARK:g}"}
        size = {"width": f"{2 * wide:.1f}", "height": f"{2 * _MARK:g}"}
        name = {"class": "station-name", "x": f"{x:.1f}", "y": f"{y + 5:.1f}"}
        marks.append(element("rect", {"class": "station", **plate, **size}))
        marks.append(element("text", name, words))
    return marks


def _mark_frames(
    stations: Sequence[Station], view: Viewport
) -> list[tuple[float, float, float, float]]:
    points = (view.point(station.lat_deg, station.lon_deg) for station in stations)
    return [(x - 24, y - _MARK, x + 24, y + _MARK) for x, y in points]


def _great_circle(one: Station, other: Station) -> Points:
    """Return points (longitude, latitude) along the shortest way, shape [points, 2]."""
    first, last = unit_vectors([one.lat_deg, other.lat_deg], [one.lon_deg, other.lon_deg])
    share = np.linspace(0.0, 1.0, _STEPS)[:, None]
    angle = math.acos(max(-1.0, min(1.0, float(first @ last))))
    if angle < 1e-6 or math.pi - angle < 1e-6:
        vectors = first + (last - first) * share
        vectors[0], vectors[-1] = first, last
    else:
        vectors = np.sin((1 - share) * angle) * first + np.sin(share * angle) * last
    vectors = np.where(np.linalg.norm(vectors, axis=1, keepdims=True) > 1e-9, vectors, first)
    lat, lon = coordinates(vectors)
    return np.column_stack([lon, lat])


def _open_path(points: Points) -> str:
    """Return an open path; it is broken where it leaves one edge of the map for the other."""
    parts, before = [], None
    for x, y in points.tolist():
        far = before is None or math.hypot(x - before[0], y - before[1]) > 200.0
        parts.append(f"{'M' if far else 'L'}{x:.1f},{y:.1f}")
        before = (x, y)
    return "".join(parts)
