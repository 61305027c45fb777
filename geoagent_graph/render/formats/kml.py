"""Answers as KML 2.2, for Google Earth and its kin."""

from collections.abc import Sequence
from xml.etree import ElementTree

from geoagent_graph.render import wording
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.maps.spherical_circle import Polygon, circle_polygons
from geoagent_graph.render.photo_name import distinct_names
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import mark
from geoagent_graph.types import Answer, Hypothesis

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_CIRCLE_LINE = "ff1447e6"  # KML writes colours as alpha, blue, green, red
_CIRCLE_FILL = "331447e6"
_MAX_CANDIDATES = 10

Element = ElementTree.Element


def kml_document(answers: Sequence[Answer]) -> str:
    """Return all answers as one KML document, a folder per photo.

    A folder holds the answer's point and 90 % circle, where a place is claimed, and the likeliest
    candidates of each level.
    """
    root = Element("kml", {"xmlns": _NAMESPACE})
    document = ElementTree.SubElement(root, "Document")
    _add_text(document, "name", "geoagent")
    _add_text(document, "description", wording.ATTRIBUTION)
    _add_style(document)
    for answer, name in zip(answers, distinct_names(answers), strict=True):
        _add_folder(document, answer, name)
    ElementTree.indent(root)
    written: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _add_style(document: Element) -> None:
    style = ElementTree.SubElement(document, "Style", {"id": "radius"})
    line = ElementTree.SubElement(style, "LineStyle")
    _add_text(line, "color", _CIRCLE_LINE)
    _add_text(line, "width", "2")
    _add_text(ElementTree.SubElement(style, "PolyStyle"), "color", _CIRCLE_FILL)


def _add_folder(document: Element, answer: Answer, name: str) -> None:
    folder = ElementTree.SubElement(document, "Folder")
    _add_text(folder, "name", name)
    _add_text(folder, "description", wording.claim_sentence(answer))
    if answer.level != "none":
        _add_answer(folder, answer)
    for level, candidates in answer.levels.items():
        ranked = sorted(candidates, key=lambda candidate: -candidate.probability)
        inner = ElementTree.SubElement(folder, "Folder")
        _add_text(inner, "name", f"Candidates: {level}")
        _add_text(inner, "visibility", "0")
        for candidate in ranked[:_MAX_CANDIDATES]:
            _add_candidate(inner, candidate)


def _add_answer(folder: Element, answer: Answer) -> None:
    mark = ElementTree.SubElement(folder, "Placemark")
    _add_text(mark, "name", wording.headline(answer))
    _add_text(mark, "description", wording.claim_sentence(answer))
    _add_point(mark, answer.lat_deg, answer.lon_deg)
    polygons = circle_polygons(answer.lat_deg, answer.lon_deg, answer.radius_km)
    if polygons:
        circle = ElementTree.SubElement(folder, "Placemark")
        _add_text(circle, "name", f"Within {wording.distance(answer.radius_km)}, 9 times out of 10")
        _add_text(circle, "styleUrl", "#radius")
        parts = ElementTree.SubElement(circle, "MultiGeometry")
        for polygon in polygons:
            _add_polygon(parts, polygon)


def _add_candidate(folder: Element, candidate: Hypothesis) -> None:
    mark = ElementTree.SubElement(folder, "Placemark")
    _add_text(mark, "name", wording.place_name(candidate.place))
    _add_text(mark, "visibility", "0")
    _add_text(mark, "description", f"Candidate, {wording.percent(candidate.probability)}")
    _add_point(mark, candidate.place.lat_deg, candidate.place.lon_deg)


def _add_point(mark: Element, lat_deg: float, lon_deg: float) -> None:
    point = ElementTree.SubElement(mark, "Point")
    _add_text(point, "coordinates", f"{lon_deg:.6f},{lat_deg:.6f}")


def _add_polygon(parent: Element, polygon: Polygon) -> None:
    drawn = ElementTree.SubElement(parent, "Polygon")
    _add_text(drawn, "tessellate", "1")
    for position, ring in enumerate(polygon):
        side = "innerBoundaryIs" if position else "outerBoundaryIs"
        linear = ElementTree.SubElement(ElementTree.SubElement(drawn, side), "LinearRing")
        _add_text(linear, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in ring.tolist()))


def _add_text(parent: Element, tag: str, text: str) -> None:
    """Add an element with text; `visible` also removes what XML 1.0 has no way to write."""
    ElementTree.SubElement(parent, tag).text = visible(text, 20_000)


ROW = Format(
    "kml",
    "application/vnd.google-earth.kml+xml",
    ".kml",
    mark("Map (KML)"),
    help="Write all answers as KML.",
    of_answers=kml_document,
)
