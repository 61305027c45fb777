"""The photo of a report, with numbered boxes and marked shadows where the clues are."""

from collections.abc import Mapping, Sequence

from geoagent_graph.render.html.markup import Element, element
from geoagent_graph.sun_marks import PhotoPoint, SunShadow, sun_statements_in
from geoagent_graph.translation import gettext
from geoagent_graph.types import Box, Clue

MAX_BOXES = 60
Rectangle = tuple[float, float, float, float]  # left, top, width, height in pixels


def photo_figure(
    data_uri: str, size: tuple[int, int], clues: Sequence[Clue], numbers: Mapping[str, int]
) -> Element:
    """Return the photo, `size` (width, height) pixels, with the boxes and shadows of its clues.

    Clues that share a box share a drawing; it carries the number of the first.
    """
    width, height = size
    boxed: dict[Box, int] = {}
    for clue in clues:
        if clue.box is not None:
            boxed.setdefault(clue.box, numbers[clue.id])
    shown = list(boxed.items())[:MAX_BOXES]
    taken = [_box_in_pixels(box, width, height) for box, _ in shown]
    drawings = [
        drawing
        for box, number in shown
        for drawing in _box_drawings(box, number, width, height, taken)
    ]
    shadows = [
        (said, numbers[clue.id])
        for clue, said, _ in sun_statements_in(clues)
        if isinstance(said, SunShadow)
    ]
    for said, number in shadows:
        drawings += _shadow_drawings(said, number, size, taken)
    view = {
        "viewBox": f"0 0 {width} {height}",
        "preserveAspectRatio": "none",
        "aria-hidden": "true",
    }
    photo = {
        "src": data_uri,
        "alt": gettext("The photo that was examined, {width} by {height} pixels").format(
            width=width, height=height
        ),
        "width": str(width),
        "height": str(height),
    }
    caption = (
        gettext("The photo as examined. Numbers refer to the table of clues.")
        if boxed or shadows
        else gettext("The photo as examined. No clue has a place in it.")
    )
    shape = "tall" if height > 1.2 * width else "wide"
    return element(
        "figure",
        {"class": shape},
        element("div", {"class": "photo"}, element("img", photo), element("svg", view, *drawings)),
        element("figcaption", {}, caption),
    )


def _box_drawings(
    box: Box, number: int, width: int, height: int, taken: list[Rectangle]
) -> list[Element]:
    own = _box_in_pixels(box, width, height)
    frame = _rectangle_attributes(own)
    return [
        element("rect", {"class": "box-edge", **frame}),
        element("rect", {"class": "box", **frame}),
        *_number_drawings(own, number, (width, height), taken),
    ]


def _shadow_drawings(
    said: SunShadow, number: int, size: tuple[int, int], taken: list[Rectangle]
) -> list[Element]:
    """Return the upright thing, its shadow and the horizon as a person marked them."""
    lines = [("", said.foot, said.top), (" shadow", said.foot, said.tip)]
    if said.horizon is not None:
        lines.append((" horizon", *said.horizon))
    foot = said.foot.x * size[0], said.foot.y * size[1], 0.0, 0.0
    return [
        *(
            element("line", {"class": f"{name}{kind}", **_line_attributes(one, other, size)})
            for kind, one, other in lines
            for name in ("sun-edge", "sun-line")
        ),
        *_number_drawings(foot, number, size, taken),
    ]


def _number_drawings(
    own: Rectangle, number: int, photo: tuple[int, int], taken: list[Rectangle]
) -> list[Element]:
    width, height = photo
    # The number keeps its size on the page whatever the size of the photo.
    size = 0.042 * max(min(width, height), 0.6 * max(width, height))
    plate = _number_plate(
        own, size * (0.7 + 0.6 * len(str(number))), size * 1.3, (width, height), taken
    )
    taken.append(plate)
    text = {
        "class": "box-number",
        "x": f"{plate[0] + size * 0.35:.1f}",
        "y": f"{plate[1] + size:.1f}",
        "style": f"font-size:{size:.1f}px",
    }
    return [
        element("rect", {"class": "box-plate", **_rectangle_attributes(plate)}),
        element("text", text, str(number)),
    ]


def _number_plate(
    box: Rectangle, width: float, height: float, photo: tuple[int, int], taken: list[Rectangle]
) -> Rectangle:
    """Return where a number stands: beside its box, where it hides no box and no other number."""
    left, top, wide, high = box
    corners = (
        (left - width, top),
        (left + wide, top),
        (left, top - height),
        (left, top + high),
        (left + wide - width, top - height),
    )
    places = [(x, y, width, height) for x, y in corners]
    inside = [
        place
        for place in places
        if place[0] >= 0
        and place[1] >= 0
        and place[0] + width <= photo[0]
        and place[1] + height <= photo[1]
    ]
    free = (place for place in inside if not any(_do_overlap(place, other) for other in taken))
    return next(free, inside[0] if inside else (left, top, width, height))


def _do_overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _box_in_pixels(box: Box, width: int, height: int) -> Rectangle:
    wide, high = max(box.right - box.left, 0.0), max(box.bottom - box.top, 0.0)
    return box.left * width, box.top * height, wide * width, high * height


def _line_attributes(one: PhotoPoint, other: PhotoPoint, size: tuple[int, int]) -> dict[str, str]:
    ends = {"x1": one.x * size[0], "y1": one.y * size[1]}
    ends |= {"x2": other.x * size[0], "y2": other.y * size[1]}
    return {name: f"{value:.1f}" for name, value in ends.items()}


def _rectangle_attributes(rectangle: Rectangle) -> dict[str, str]:
    names = ("x", "y", "width", "height")
    return {name: f"{value:.1f}" for name, value in zip(names, rectangle, strict=True)}
