"""HTML and SVG as a tree: text goes in as text and cannot come out as markup."""

import re
from xml.etree import ElementTree

from geoagent_graph.safe_text import visible
from geoagent_graph.translation import SOURCE_LANGUAGE, current_language, gettext

Element = ElementTree.Element
Child = Element | str
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
# what is quoted, and a number with what belongs to it: a position, a time, a share
_NUMBER = r"\d(?:[A-Za-z0-9.,:/°±+_-]*[A-Za-z0-9°])?"
_KEPT_TOGETHER = re.compile(
    r"(?P<quoted>(?<=«)[^»]+(?=»))|"
    rf"(?<![A-Za-z0-9_./-])[-+−]?{_NUMBER}(?: {_NUMBER})*(?: ?%| UTC)?"
    r"(?:, [-+−]?\d+\.\d+(?:°[NSEW])?)?"
)
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
    return element("bdi", {}, *isolate_numbers(visible(text, limit)))


def own_words(text: str, limit: int = 500) -> Element:
    """Return a sentence of ours that has words from outside in it, in the direction of ours."""
    language = current_language()
    if language.tag == SOURCE_LANGUAGE:
        return untrusted(text, limit)
    shown = untrusted(text, limit)
    shown.set("dir", language.direction)
    return shown


def isolate_numbers(text: str) -> list[Child]:
    """Return text with its numbers, times and positions kept in order within Arabic words."""
    if current_language().direction == "ltr":
        return [text]
    parts: list[Child] = []
    end = 0
    for found in _KEPT_TOGETHER.finditer(text):
        direction = {} if found["quoted"] else {"dir": "ltr"}
        parts += [text[end : found.start()], element("bdi", direction, found[0])]
        end = found.end()
    return [part for part in (*parts, text[end:]) if part != ""]


def pieces(message: str, **values: Child) -> list[Child]:
    """Return a sentence of the catalogue, in the language that is spoken, with its `{names}`."""
    said = _PLACEHOLDER.split(gettext(message))
    return [
        values[part] if position % 2 else part
        for position, part in enumerate(said)
        if part or position % 2
    ]


def moment(iso: str) -> Element:
    """Return an ISO time in UTC; the script of a report shows it by the viewer's clock."""
    utc = f"{iso[:10]} {iso[11:19]} UTC"
    return element("time", {"datetime": iso, "title": utc, "dir": "ltr"}, utc)


def unbroken(text: str) -> str:
    """Return text of ours whose numbers do not part from their units at the end of a line."""
    return _NUMBER_AND_UNIT.sub("\u00a0", text)


def html_text(root: Element) -> str:
    """Return a whole HTML document."""
    written: str = ElementTree.tostring(root, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{written}\n"
