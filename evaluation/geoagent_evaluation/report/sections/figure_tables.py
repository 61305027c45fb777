"""Tables of figures: a row per system or group, a column per metric, each with its interval."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from geoagent_evaluation.report.figure_index import ALL, FigureIndex
from geoagent_evaluation.report.markup import Child, Element, element, untrusted
from geoagent_evaluation.report.metric_names import short_label
from geoagent_evaluation.report.number_text import format_count, format_figure, format_interval
from geoagent_evaluation.report.safe_text import MAX_ID_CHARS
from geoagent_evaluation.report.table import EMPTY, Cell, table
from geoagent_evaluation.scoring.figures import Figure

MAX_ROWS = 40


@dataclass(frozen=True, slots=True)
class RowKey:
    """Whose figures stand in a row: the name of the row, the group of photos, the system."""

    name: Child
    group: str = ALL
    system: str = ""


def system_rows(index: FigureIndex, name: str) -> list[RowKey]:
    """Return a row for what was scored and one per baseline, without those of single sources."""
    return [
        RowKey(system_name(system, name), system=system)
        for system in index.systems()
        if not is_of_one_source(system)
    ]


def source_rows(index: FigureIndex, name: str) -> list[RowKey]:
    """Return a row for what was scored, then with each source alone, then without each."""
    found = sorted(filter(is_of_one_source, index.systems()))
    if not found:
        return []
    return [RowKey(system_name(system, name), system=system) for system in ("", *found)]


def is_of_one_source(system: str) -> bool:
    """Return whether a baseline is the system with one source of evidence, or without one."""
    return system.startswith(("only_", "without_")) and system != "without_tools"


def system_name(system: str, name: str) -> Element:
    """Return how a system is called in a table: `name` is what was scored."""
    if not system:
        return element("strong", {}, untrusted(name, MAX_ID_CHARS))
    note = " (knows the truth)" if system == "oracle_candidate" else ""
    return untrusted(f"{system.replace('_', ' ')}{note}", MAX_ID_CHARS)


def figure_table(
    index: FigureIndex, caption: str, head: str, rows: Sequence[RowKey], metrics: Sequence[str]
) -> Element | None:
    """Return a table, None where none of the figures was measured.

    The number of photos stands once per row; a cell that is over another number says so.
    """
    lines = [
        (row, [index.find(metric, row.group, row.system) for metric in metrics])
        for row in rows[:MAX_ROWS]
    ]
    lines = [(row, figures) for row, figures in lines if any(figures)]
    if not lines:
        return None
    cut = len(rows) - MAX_ROWS
    note = f" {format_count(cut)} more rows are in figures.csv." if cut > 0 else ""
    heads = [head, "n", *map(short_label, metrics)]
    return table(caption + note, heads, [(row.name, _row_cells(figures)) for row, figures in lines])


def _row_cells(figures: Sequence[Figure | None]) -> list[Cell]:
    counts = Counter(figure.n for figure in figures if figure is not None)
    common = counts.most_common(1)[0][0]
    return [Cell(format_count(common)), *(figure_cell(figure, common) for figure in figures)]


def figure_cell(figure: Figure | None, common: int | None = None) -> Cell:
    """Return a figure over its interval; its number of photos where it is not `common`."""
    if figure is None:
        return EMPTY
    other = f"n = {format_count(figure.n)}" if figure.n != common else ""
    note = ", ".join(part for part in (format_interval(figure), other) if part)
    return Cell(element("span", {"class": "value"}, format_figure(figure)), note)
