"""A page read with the standard parser: elements, ids, references, text; nesting is checked."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass(slots=True)
class Outline:
    """What is on a page."""

    tags: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # ids that stand in aria-labelledby
    text: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)  # tag, name, value

    def words(self) -> str:
        """Return the text of the page, its whitespace joined."""
        return " ".join(" ".join(self.text).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        outline = self.outline
        outline.tags.append(tag)
        for name, value in attrs:
            outline.attributes.append((tag, name, value or ""))
            if name == "id":
                outline.ids.append(value or "")
            if name in {"href", "src", "xlink:href", "action", "srcset", "data"}:
                outline.references.append(value or "")
            if name in {"aria-labelledby", "aria-describedby"}:
                outline.names += (value or "").split()
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing that is open"

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.outline.text.append(data)

    def close(self) -> None:
        super().close()
        assert self._open == []


def outline_of(html: str) -> Outline:
    """Return what is on a page; every element that is opened must be closed, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.outline
