"""Tables of the page: a caption, a heading for every row and column, a frame that scrolls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geoagent_evaluation.report.markup import Child, Element, element


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: a value, under it what qualifies it."""

    value: Child
    note: str = ""
    numeric: bool = True


EMPTY = Cell("–")


def table(
    caption: str, heads: Sequence[str], rows: Iterable[tuple[Child, Sequence[Cell]]], css: str = ""
) -> Element:
    """Return a table whose first column are the headings of its rows."""
    listed = list(rows)
    body = [element("tr", {}, _row_head(head), *map(_value_cell, cells)) for head, cells in listed]
    numeric = [False, *(cell.numeric for cell in listed[0][1])] if listed else [False] * len(heads)
    columns = [
        element("th", {"scope": "col", **_cell_alignment(right)}, head)
        for head, right in zip(heads, numeric, strict=True)
    ]
    content = element(
        "table",
        {"class": css} if css else {},
        element("caption", {}, caption),
        element("thead", {}, element("tr", {}, *columns)),
        element("tbody", {}, *body),
    )
    # A frame that scrolls sideways must be reachable by the keyboard.
    frame = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption}
    return element("div", frame, content)


def _row_head(head: Child) -> Element:
    return element("th", {"scope": "row"}, head)


def _value_cell(cell: Cell) -> Element:
    note = element("span", {"class": "note"}, cell.note) if cell.note else None
    return element("td", _cell_alignment(cell.numeric), cell.value, note)


def _cell_alignment(numeric: bool) -> dict[str, str]:
    return {"class": "number"} if numeric else {}
