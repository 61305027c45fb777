"""Boxes lie where their clues are, and their numbers hide neither them nor each other."""

from itertools import combinations

import pytest

from geoagent_graph.render.html.markup import Element
from geoagent_graph.render.html.photo_figure import MAX_BOXES, photo_figure
from geoagent_graph.sun_marks import MarkedPhoto, SunShadow, sun_clue
from geoagent_graph.types import Box, Clue

URI = "data:image/jpeg;base64,AAAA"


def clue(number: int, box: Box | None) -> Clue:
    return Clue(id=f"c{number}", kind="text", text="a sign", source="reader", box=box)


def figure(boxes: list[Box | None], size: tuple[int, int] = (1000, 500)) -> Element:
    clues = [clue(number, box) for number, box in enumerate(boxes, start=1)]
    return photo_figure(URI, size, clues, {c.id: n for n, c in enumerate(clues, start=1)})


def rectangles(drawn: Element, kind: str) -> list[tuple[float, ...]]:
    found = [rect for rect in drawn.iter("rect") if rect.get("class") == kind]
    return [tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height")) for r in found]


def test_a_box_is_drawn_in_pixels_of_the_photo() -> None:
    drawn = figure([Box(left=0.1, top=0.2, right=0.6, bottom=0.4)])
    assert rectangles(drawn, "box") == [(100.0, 100.0, 500.0, 100.0)]
    assert [text.text for text in drawn.iter("text")] == ["1"]


def test_clues_of_one_box_share_the_number_of_the_first() -> None:
    box = Box(left=0.1, top=0.2, right=0.6, bottom=0.4)
    drawn = figure([None, box, box])
    assert [text.text for text in drawn.iter("text")] == ["2"]


def test_numbers_stand_inside_the_photo_and_not_on_each_other() -> None:
    corners = (0.0, 0.3, 0.6)
    boxes: list[Box | None] = [
        Box(left=x, top=y, right=x + 0.2, bottom=y + 0.2) for x in corners for y in corners
    ]
    plates = rectangles(figure(boxes), "box-plate")
    assert len(plates) == 9
    assert all(x >= 0 and y >= 0 and x + w <= 1000 and y + h <= 500 for x, y, w, h in plates)
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(plates, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_a_marked_shadow_is_drawn_with_its_number() -> None:
    points = {"foot": (0.5, 0.8), "top": (0.5, 0.2), "tip": (0.9, 0.9)}
    said = SunShadow.model_validate(
        {name: {"x": x, "y": y} for name, (x, y) in points.items()}
        | {"horizon": ({"x": 0.0, "y": 0.4}, {"x": 1.0, "y": 0.5})}
    )
    marked = sun_clue(said, MarkedPhoto(width=1000, height=500))
    clues = [clue(1, None), marked]
    drawn = photo_figure(URI, (1000, 500), clues, {c.id: n for n, c in enumerate(clues, start=1)})
    ends = [
        tuple(float(line.get(k, "")) for k in ("x1", "y1", "x2", "y2"))
        for line in drawn.iter("line")
        if line.get("class", "").startswith("sun-line")
    ]
    assert ends == [(500, 400, 500, 100), (500, 400, 900, 450), (0, 200, 1000, 250)]
    assert [text.text for text in drawn.iter("text")] == ["2"]
    assert "Numbers refer" in "".join(drawn.itertext())
    broken = marked.model_copy(update={"attributes": {"said": "{", "photo": "{}"}})
    assert not list(photo_figure(URI, (10, 5), [broken], {broken.id: 1}).iter("line"))


def test_many_boxes_are_bounded() -> None:
    boxes: list[Box | None] = [
        Box(left=n / 200, top=0.0, right=n / 200 + 0.1, bottom=0.1) for n in range(MAX_BOXES + 5)
    ]
    assert len(rectangles(figure(boxes), "box")) == MAX_BOXES


@pytest.mark.parametrize(("size", "shape"), [((100, 121), "tall"), ((100, 120), "wide")])
def test_without_boxes_the_caption_says_so(size: tuple[int, int], shape: str) -> None:
    drawn = figure([None], size)
    assert drawn.get("class") == shape
    assert drawn.findtext("figcaption") == "The photo as examined. No clue has a place in it."
