"""A drawing on the page: under its title, with what a reader must know to read it."""

from geoagent_evaluation.report.markup import Child, Element, element, untrusted
from geoagent_evaluation.report.plots.drawing import Drawing
from geoagent_evaluation.report.plots.inline_svg import inline_svg


def figure_block(drawing: Drawing, *caption: Child) -> Element:
    """Return the drawing over its title and caption."""
    title = element("strong", {}, untrusted(drawing.title, 120), ".")
    words: list[Child] = [" ", *caption] if caption else []
    return element("figure", {}, inline_svg(drawing), element("figcaption", {}, title, *words))


def figure_grid(blocks: list[Element]) -> Element | None:
    """Return figures side by side where there is room, None for none."""
    return element("div", {"class": "grid"}, *blocks) if blocks else None
