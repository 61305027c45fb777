"""HTML and SVG as a tree: text goes in as text and cannot come out as markup."""

import re
from xml.etree import ElementTree

from geoagent_graph.safe_text import visible

Element = ElementTree.Element
Child = Element | str
_NUMBER_AND_UNIT = re.compile(r"(?<=\d) (?=%|km\b)")
_MAX_TEXT = 20_000
_MAX_ATTRIBUTE = 4_000_000  # a photo as a data URI


def element(tag: str, attributes: dict[str, str], *children: Child) -> Element:
    """Return an element; text and attribute values are escaped when the tree is written.

    Control and direction characters in text become visible ones. Every tag and attribute name
    is a literal of this package.
    """
    node = Element(tag, {key: visible(value, _MAX_ATTRIBUTE) for key, value in attributes.items()})
    for child in children:
        add(node, child)
    return node


def add(parent: Element, child: Child) -> None:
    """Append an element or text to a parent."""
    if isinstance(child, Element):
        parent.append(child)
        return
    text = visible(child, _MAX_TEXT)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def untrusted(text: str, limit: int = 500) -> Element:
    """Return text from a photo, a file or a tool, kept from reordering what stands around it."""
    return element("bdi", {}, visible(text, limit))


def unbroken(text: str) -> str:
    """Return text of ours whose numbers do not part from their units at the end of a line."""
    return _NUMBER_AND_UNIT.sub("\u00a0", text)


def html_text(root: Element) -> str:
    """Return a whole HTML document."""
    written: str = ElementTree.tostring(root, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{written}\n"
