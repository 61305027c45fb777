"""The world map: the projection, the circle where a place is claimed, dots by probability."""

import numpy as np
import pytest

from geoagent_graph.render.html.markup import Element
from geoagent_graph.render.maps.world_svg import HEIGHT, WIDTH, pin_path, project, world_svg
from tests.support.answers import ASIA, EUROPE, hypothesis, porto_answer, unknown_answer


def marks(svg: Element, kind: str) -> list[Element]:
    return [node for node in svg if node.get("class") == kind]


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "x", "y"),
    [
        (0.0, 0.0, WIDTH / 2, HEIGHT / 2),
        (-180.0, 0.0, 0.0, HEIGHT / 2),
        (180.0, 0.0, WIDTH, HEIGHT / 2),
        (0.0, 90.0, WIDTH / 2, 0.0),
        (0.0, -90.0, WIDTH / 2, HEIGHT),
    ],
)
def test_the_globe_fills_the_picture(lon_deg: float, lat_deg: float, x: float, y: float) -> None:
    (point,) = project(np.array([[lon_deg, lat_deg]])).tolist()
    assert point == pytest.approx([x, y], abs=0.1)


def test_areas_keep_their_share_of_the_globe() -> None:
    def area(south: float, north: float) -> float:
        corners = np.array([(0.0, south), (0.1, south), (0.1, north), (0.0, north)])
        x, y = project(corners).T
        return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2

    share = area(60.0, 60.1) / area(0.0, 0.1)
    assert share == pytest.approx(np.cos(np.radians(60.05)), rel=1e-3)


def test_circle_and_pin_are_drawn_only_where_a_place_is_claimed() -> None:
    claimed = world_svg(porto_answer(), [], "the world")
    assert claimed.get("aria-label") == "the world"
    assert (len(marks(claimed, "radius")), len(marks(claimed, "pin"))) == (1, 1)
    for answer in (unknown_answer(), None):
        bare = world_svg(answer, [], "")
        assert marks(bare, "radius") + marks(bare, "pin") == []
        assert len(marks(bare, "land")) == 1


def test_a_circle_over_the_date_line_is_drawn_on_both_sides() -> None:
    svg = world_svg(porto_answer(lat_deg=0.0, lon_deg=179.9, radius_km=500.0), [], "")
    (circle,) = marks(svg, "radius")
    parts = circle.get("d", "").strip("M").split("M")
    lefts = [float(part.partition(",")[0]) for part in parts]
    assert len(parts) == 2
    assert min(lefts) < WIDTH * 0.1 < WIDTH * 0.9 < max(lefts)


def test_dots_grow_with_their_probability_the_likeliest_below() -> None:
    svg = world_svg(None, [hypothesis(ASIA, 0.04), hypothesis(EUROPE, 0.25)], "")
    assert [dot.get("r") for dot in marks(svg, "dot")] == ["7.0", "4.3"]


def test_the_tip_of_a_pin_stands_on_its_point() -> None:
    assert pin_path(10.0, 20.0).startswith("M10.0,20.0L")
