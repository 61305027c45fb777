"""A drawing inside the page: matplotlib's SVG with the page's colours, fonts and ids."""

import re
from xml.etree import ElementTree

from geoagent_evaluation.report.markup import Element, element
from geoagent_evaluation.report.plots.drawing import Drawing, svg_bytes
from geoagent_evaluation.report.plots.palette import CSS_VARIABLES

_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font: ([\d.]+px)[^;]*")
_COLOR = re.compile("|".join(map(re.escape, CSS_VARIABLES)))
_LEFT_OUT = {"metadata", "style"}
_GEOMETRY = {"d", "x", "y", "transform", "width", "height", "points"}


def inline_svg(drawing: Drawing) -> Element:
    """Return the drawing as an element of the page, named for those who cannot see it."""
    # The text comes from matplotlib a line above, not from a file.
    source = ElementTree.fromstring(svg_bytes(drawing))  # noqa: S314
    svg = _page_node(source, drawing.name)
    svg.attrib = {
        "class": "plot",
        "viewBox": source.attrib["viewBox"],
        "role": "img",
        "aria-labelledby": f"{drawing.name}-name {drawing.name}-description",
    }
    svg.insert(0, element("title", {"id": f"{drawing.name}-name"}, drawing.title))
    svg.insert(1, element("desc", {"id": f"{drawing.name}-description"}, drawing.description))
    return svg


def _page_node(source: Element, prefix: str) -> Element:
    """Return a copy without namespaces, in which ids begin with the drawing's name."""
    node = Element(_bare_name(source.tag))
    node.text, node.tail = _text_or_none(source.text), None
    for key, value in source.attrib.items():
        node.set(_bare_name(key), _page_value(_bare_name(key), value, prefix))
    for child in source:
        if isinstance(child.tag, str) and _bare_name(child.tag) not in _LEFT_OUT:
            node.append(_page_node(child, prefix))
    return node


def _bare_name(name: str) -> str:
    return name.rpartition("}")[2]


def _text_or_none(text: str | None) -> str | None:
    return text if text and text.strip() else None


def _page_value(key: str, value: str, prefix: str) -> str:
    if key == "id":
        return f"{prefix}-{value}"
    if key == "href":
        return value.replace("#", f"#{prefix}-", 1)
    if key in _GEOMETRY:
        value = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}", value)
    if key == "style":
        value = _FONT.sub(r"font-size: \1", value)
        value = _COLOR.sub(lambda found: f"var({CSS_VARIABLES[found[0]]})", value)
    return value.replace("url(#", f"url(#{prefix}-")
