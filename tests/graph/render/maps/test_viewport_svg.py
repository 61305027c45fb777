"""The map around an answer: its circle to scale, candidates and references that lie in it."""

import math

import numpy as np
import pytest

from geoagent_graph.render.html.markup import Element
from geoagent_graph.render.maps.viewport import HEIGHT, WIDTH, Viewport
from geoagent_graph.render.maps.viewport_svg import areas_in_view, country_path, scale_bar
from geoagent_graph.render.maps.viewport_svg import viewport_svg as draw
from geoagent_graph.render.maps.world_shapes import CountryShape
from geoagent_graph.types import Reference
from tests.support.answers import ASIA, BRAGA, HOSTILE, PORTO, hypothesis, porto_answer


def square(west: float, south: float, size: float) -> CountryShape:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * size + [west, south]
    return CountryShape("Squareland", (corners,))


@pytest.fixture(autouse=True)
def one_country(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the world be one country around Porto."""
    world = (square(-11.0, 39.0, 5.0),)
    name = "geoagent_graph.render.maps.viewport_svg.world_shapes"
    monkeypatch.setattr(name, lambda scale: world)


def marks(svg: Element, kind: str) -> list[Element]:
    return [node for node in svg.iter() if node.get("class") == kind]


def test_the_circle_is_to_scale_and_a_small_one_is_still_seen() -> None:
    wide = draw(porto_answer(radius_km=400.0), [], [], "around Porto")
    (circle,) = marks(wide, "radius")
    assert float(circle.get("r", "")) == pytest.approx(400.0 * HEIGHT / 2 / 500.0)
    (tiny,) = marks(draw(porto_answer(radius_km=0.1), [], [], ""), "radius")
    assert tiny.get("r") == "3.0"


def test_what_lies_outside_the_picture_is_not_drawn() -> None:
    here = Reference(id="r1", score=0.8, lat_deg=41.2, lon_deg=-8.5)
    there = here.model_copy(update={"lon_deg": 170.0})
    found = [hypothesis(ASIA, 0.9), hypothesis(PORTO, 0.25)]
    svg = draw(porto_answer(), found, [here, there], "around Porto")
    assert len(marks(svg, "reference")) == 1
    assert [dot.get("r") for dot in marks(svg, "dot")] == ["6.5"]


def test_the_map_names_its_country_and_its_text_is_text() -> None:
    named = PORTO.model_copy(update={"name": HOSTILE})
    bare = draw(porto_answer(lat_deg=39.8), [], [], "around Porto")
    assert [name.text for name in marks(bare, "label country")] == ["Squareland"]
    svg = draw(porto_answer(), [hypothesis(named, 0.5)], [], HOSTILE)
    assert len(marks(svg, "label candidate")) == 1
    shown = "".join(svg.itertext()) + svg.get("aria-label", "")
    assert not {"\x1b", "\u202e", "\x9b"} & set(shown)
    assert not any(node.tag == "script" for node in svg.iter())


def test_two_names_on_one_spot_leave_the_likelier() -> None:
    near = BRAGA.model_copy(update={"lat_deg": 41.15, "lon_deg": -8.62})
    svg = draw(porto_answer(), [hypothesis(near, 0.1), hypothesis(PORTO, 0.6)], [], "")
    assert [name.text for name in marks(svg, "label candidate")] == ["Porto 60 %"]


def test_a_country_over_the_date_line_is_in_view_and_its_antipode_is_not() -> None:
    fiji = Viewport(-17.0, 179.0, 400.0)
    (area,) = areas_in_view(fiji, square(-181.5, -18.0, 2.0))
    assert area.area > 10_000
    assert country_path(fiji, [area]).get("class") == "land here"
    assert country_path(Viewport(-17.0, 179.0, 400.0), []).get("class") == "land"
    assert areas_in_view(fiji, square(-2.0, 16.0, 2.0)) == []


@pytest.mark.parametrize(("half_km", "named"), [(320, "200 km"), (60, "20 km"), (6000, "2,000 km")])
def test_the_scale_has_a_round_length_that_fits(half_km: float, named: str) -> None:
    view = Viewport(0.0, 0.0, half_km)
    bar, name = list(scale_bar(view))
    assert name.text == named
    drawn = float(bar.get("d", "").partition("H")[2].partition("V")[0]) - 16.0
    length_km = float(named.split()[0].replace(",", ""))
    assert drawn == pytest.approx(length_km * view.units_per_km, abs=0.1)
    assert math.ceil(drawn) <= WIDTH / 4
