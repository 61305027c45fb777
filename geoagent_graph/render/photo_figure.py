"""The photo of a report, with numbered boxes where the clues are."""

from collections.abc import Mapping, Sequence

from geoagent_graph.render.markup import Element, element
from geoagent_graph.types import Box, Clue

MAX_BOXES = 60


def photo_figure(
    data_uri: str, size: tuple[int, int], clues: Sequence[Clue], numbers: Mapping[str, int]
) -> Element:
    """Return the photo, `size` (width, height) pixels, with the boxes of its clues.

    Clues that share a box share a drawing; it carries the number of the first.
    """
    width, height = size
    boxed: dict[Box, int] = {}
    for clue in clues:
        if clue.box is not None:
            boxed.setdefault(clue.box, numbers[clue.id])
    drawings = [
        drawing
        for box, number in list(boxed.items())[:MAX_BOXES]
        for drawing in _box(box, number, width, height)
    ]
    view = {
        "viewBox": f"0 0 {width} {height}",
        "preserveAspectRatio": "none",
        "aria-hidden": "true",
    }
    photo = {
        "src": data_uri,
        "alt": f"The photo that was examined, {width} by {height} pixels",
        "width": str(width),
        "height": str(height),
    }
    caption = (
        "The photo as examined. Numbers refer to the table of clues."
        if boxed
        else "The photo as examined. No clue has a place in it."
    )
    shape = "tall" if height > 1.2 * width else "wide"
    return element(
        "figure",
        {"class": shape},
        element("div", {"class": "photo"}, element("img", photo), element("svg", view, *drawings)),
        element("figcaption", {}, caption),
    )


def _box(box: Box, number: int, width: int, height: int) -> list[Element]:
    x, y = box.left * width, box.top * height
    frame = {
        "x": f"{x:.1f}",
        "y": f"{y:.1f}",
        "width": f"{max(box.right - box.left, 0.0) * width:.1f}",
        "height": f"{max(box.bottom - box.top, 0.0) * height:.1f}",
    }
    # The number keeps its size on the page whatever the size of the photo.
    size = 0.042 * max(min(width, height), 0.6 * max(width, height))
    plate_width = size * (0.7 + 0.6 * len(str(number)))
    # Beside the box, else above it, else inside: text under a number cannot be read.
    beside = x >= plate_width
    left = x - plate_width if beside else x
    top = y if beside or y < size * 1.3 else y - size * 1.3
    plate = {
        "class": "box-plate",
        "x": f"{left:.1f}",
        "y": f"{top:.1f}",
        "width": f"{plate_width:.1f}",
        "height": f"{size * 1.3:.1f}",
    }
    text = {
        "class": "box-number",
        "x": f"{left + size * 0.35:.1f}",
        "y": f"{top + size:.1f}",
        "style": f"font-size:{size:.1f}px",
    }
    return [
        element("rect", {"class": "box-edge", **frame}),
        element("rect", {"class": "box", **frame}),
        element("rect", plate),
        element("text", text, str(number)),
    ]
