"""HTML as a tree: text goes in as text and cannot come out as markup."""

import re
from xml.etree import ElementTree

from geoagent_evaluation.report.safe_text import MAX_ID_CHARS, MAX_TEXT_CHARS, visible

Element = ElementTree.Element
Child = Element | str | None
_MAX_OWN_TEXT_CHARS = 20_000
_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=%|km\b)")


def element(tag: str, attributes: dict[str, str] | None = None, *children: Child) -> Element:
    """Return an element; a child that is None is left out.

    Every tag and attribute name is a literal of this package.
    """
    safe = {key: visible(value, _MAX_OWN_TEXT_CHARS) for key, value in (attributes or {}).items()}
    node = Element(tag, safe)
    for child in children:
        add(node, child)
    return node


def add(parent: Element, child: Child) -> None:
    """Append an element or text to a parent."""
    if child is None:
        return
    if isinstance(child, Element):
        parent.append(child)
        return
    text = visible(child, _MAX_OWN_TEXT_CHARS)
    if parent.tag != "bdi":  # what others wrote stays as it is
        text = _NUMBER_AND_UNIT.sub("\u00a0", text)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def untrusted(text: str, limit: int = MAX_TEXT_CHARS) -> Element:
    """Return text from a file, kept from reordering what stands around it."""
    return element("bdi", {}, visible(text, limit))


def photo_name(text: str) -> Element:
    """Return the id of a photo as it is shown: cut, since ids may be of any length."""
    return element("bdi", {"class": "id"}, visible(text, MAX_ID_CHARS) or "(empty)")


def paragraph(*children: Child, css: str = "") -> Element:
    """Return a paragraph."""
    return element("p", {"class": css} if css else {}, *children)


def bullet_list(items: list[Child], css: str = "") -> Element:
    """Return a list with a point per item."""
    points = (element("li", {}, item) for item in items)
    return element("ul", {"class": css} if css else {}, *points)


def section(anchor: str, title: str, *children: Child) -> Element | None:
    """Return a section under its heading, None where nothing but the heading would stand."""
    present = [child for child in children if child is not None]
    if not present:
        return None
    heading = element("h2", {"id": f"{anchor}-title"}, title)
    labelled = {"id": anchor, "aria-labelledby": f"{anchor}-title"}
    return element("section", labelled, heading, *present)


def html_text(root: Element) -> str:
    """Return a whole HTML document."""
    written: str = ElementTree.tostring(root, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{written}\n"
