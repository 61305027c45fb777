"""The surroundings of an answer as SVG: its circle, the candidates, the reference photos."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from geoagent_graph.render import wording
from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.render.maps.map_labels import Labels
from geoagent_graph.render.maps.svg_path import cut, path_data, rings_of
from geoagent_graph.render.maps.viewport import HEIGHT, WIDTH, Viewport, is_in_frame
from geoagent_graph.render.maps.world_shapes import CountryShape, world_shapes
from geoagent_graph.render.maps.world_svg import pin_path
from geoagent_graph.render.trace_sentences import say_stored
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import gettext, local_number
from geoagent_graph.types import Answer, Hypothesis, Reference

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

MAX_RADIUS_KM = 5000.0  # wider answers are a matter for the world map
_MIN_HALF_HEIGHT_KM = 320.0  # the vectors are too coarse for more detail
_MARGIN = 12.0  # drawn beyond the frame, so that no cut edge shows
_HEMISPHERE_KM = 10_000.0
_MAX_NAMES = 6


def viewport_svg(
    answer: Answer,
    candidates: Sequence[Hypothesis],
    references: Sequence[Reference],
    description: str,
) -> Element:
    """Return the map around the answer; `description` is its text for those who cannot see it."""
    half_height_km = max(_MIN_HALF_HEIGHT_KM, answer.radius_km * 1.25)
    view = Viewport(answer.lat_deg, answer.lon_deg, half_height_km)
    x, y = WIDTH / 2, HEIGHT / 2
    radius = max(answer.radius_km * view.units_per_km, 3.0)
    pin_and_scale = [(x - 14, y - 28, x + 14, y + 4), (0.0, HEIGHT - 42, 200.0, HEIGHT)]
    labels = Labels(WIDTH, HEIGHT, pin_and_scale)
    countries = [
        (country, areas)
        for country in world_shapes("50m")
        if (areas := areas_in_view(view, country))
    ]
    dots = _candidate_dots(view, candidates, labels)
    name_countries(view, countries, labels)
    centre = {"cx": f"{x:g}", "cy": f"{y:g}"}
    return element(
        "svg",
        {"viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "role": "img", "aria-label": description},
        element("rect", {"class": "sea", "width": f"{WIDTH:g}", "height": f"{HEIGHT:g}"}),
        *(country_path(view, areas) for _, areas in countries),
        element("circle", {"class": "radius", **centre, "r": f"{radius:.1f}"}),
        *_reference_rings(view, references),
        *dots,
        element("path", {"class": "pin", "d": pin_path(x, y)}),
        *labels.drawn,
        scale_bar(view),
    )


def areas_in_view(view: Viewport, country: CountryShape) -> "list[BaseGeometry]":
    """Return what of a country lies in the picture, in the plane of the view."""
    planes = [view.plane_km(ring) for ring in country.rings]
    # A ring wholly on the other side of the globe would come out inside out.
    on_this_side = [plane for plane in planes if np.hypot(*plane.T).min() < _HEMISPHERE_KM]
    frame = view.frame_km(_MARGIN)
    return [area for area in (cut(plane, frame) for plane in on_this_side) if not area.is_empty]


def country_path(view: Viewport, areas: "list[BaseGeometry]") -> Element:
    """Return the areas of a country as a path; the one under the middle stands out."""
    import shapely

    centre = shapely.Point(0.0, 0.0)
    here = sum(bool(area.contains(centre)) for area in areas) % 2 == 1
    rings = (view.to_drawing(ring) for area in areas for ring in rings_of(area))
    return element("path", {"class": "land here" if here else "land", "d": path_data(rings)})


def name_countries(
    view: Viewport, countries: "list[tuple[CountryShape, list[BaseGeometry]]]", labels: Labels
) -> None:
    """Name the countries that fill enough of the picture."""
    left, bottom, right, top = view.frame_km(0.0)
    least_km2 = 0.015 * (right - left) * (top - bottom)
    largest = [
        (max(areas, key=lambda area: float(area.area)), country.name)
        for country, areas in countries
    ]
    for area, name in sorted(largest, key=lambda pair: -float(pair[0].area)):
        if area.area > least_km2:
            middle = area.representative_point()
            x, y = view.to_drawing(np.array([[middle.x, middle.y]]))[0].tolist()
            labels.add(say_stored(name), x, y, "country")


def _candidate_dots(
    view: Viewport, candidates: Sequence[Hypothesis], labels: Labels
) -> list[Element]:
    dots = []
    ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
    for rank, candidate in enumerate(ranked):
        x, y = view.point(candidate.place.lat_deg, candidate.place.lon_deg)
        if not is_in_frame(x, y):
            continue
        radius = 3.0 + 7.0 * math.sqrt(candidate.probability)
        circle = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius:.1f}"}
        dots.append(element("circle", {"class": "dot", **circle}))
        if rank < _MAX_NAMES:
            share = wording.percent(candidate.probability)
            name = f"{visible(wording.place_word(candidate.place), 40)} {share}"
            labels.add(name, x, y + radius + 17, "candidate")
    return dots


def _reference_rings(view: Viewport, references: Sequence[Reference]) -> list[Element]:
    points = (view.point(reference.lat_deg, reference.lon_deg) for reference in references)
    return [
        element("circle", {"class": "reference", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4"})
        for x, y in points
        if is_in_frame(x, y)
    ]


def scale_bar(view: Viewport) -> Element:
    """Return a bar of a round length, up to a quarter of the picture wide."""
    longest_km = WIDTH / 4 / view.units_per_km
    magnitude = 10.0 ** math.floor(math.log10(longest_km))
    length_km = next(step * magnitude for step in (5, 2, 1) if step * magnitude <= longest_km)
    x, y, length = 16.0, HEIGHT - 14.0, length_km * view.units_per_km
    bar = {"class": "scale", "d": f"M{x:g},{y - 6:g}V{y:g}H{x + length:.1f}V{y - 6:g}"}
    name = {"class": "scale-name", "x": f"{x + 4:g}", "y": f"{y - 6:g}"}
    return element(
        "g",
        {},
        element("path", bar),
        element("text", name, gettext("{number} km").format(number=local_number(length_km))),
    )
