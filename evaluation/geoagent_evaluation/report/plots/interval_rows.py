"""Rows of a value and its interval about a line of reference: a forest plot."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from matplotlib.axes import Axes

from geoagent_evaluation.report.plots import palette
from geoagent_evaluation.report.plots.drawing import (
    BOTTOM_EDGE_IN,
    LEFT_EDGE_IN,
    TOP_EDGE_IN,
    WIDTH_IN,
    Drawing,
    axes_in,
    blank_figure,
    report_style,
)
from geoagent_evaluation.report.safe_text import visible

MAX_ROWS = 40
_ROW_IN = 0.27
_CHAR_IN = 0.085
_WIDE_CHAR_IN = 0.14
_MAX_LABEL_CHARS = 26


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A row: its name, its value with the ends of its interval, and whether it is a warning."""

    label: str
    value: float
    low: float
    high: float
    flagged: bool = False


def draw_interval_rows(
    name: str, title: str, rows: list[IntervalRow], axis: str, reference: float | None
) -> Drawing:
    """Return the rows, first on top; `axis` names the values, `reference` is the line to beat."""
    shown = rows[:MAX_ROWS]
    labels = [visible(row.label, _MAX_LABEL_CHARS) for row in shown]
    with report_style():
        figure = blank_figure(WIDTH_IN, BOTTOM_EDGE_IN + TOP_EDGE_IN + _ROW_IN * len(shown))
        axes = axes_in(figure, _label_room_in(labels), BOTTOM_EDGE_IN, TOP_EDGE_IN)
        if reference is not None:
            axes.axvline(reference, color=palette.MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
        for place, row in enumerate(shown):
            _draw_row(axes, place, row)
        axes.set_yticks(range(len(shown)), labels)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(axis)
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
    return Drawing(name, title, _chart_description(shown), figure)


def _label_room_in(labels: list[str]) -> float:
    """Return how much room the longest label needs, in inches; signs of East Asia are wide."""
    lengths = (
        sum(_WIDE_CHAR_IN if east_asian_width(sign) in "WF" else _CHAR_IN for sign in label)
        for label in labels
    )
    return min(2.6, max(LEFT_EDGE_IN, 0.12 + max(lengths)))


def _draw_row(axes: Axes, place: int, row: IntervalRow) -> None:
    color = palette.ALARM if row.flagged else palette.MAIN
    axes.plot([row.low, row.high], [place, place], color=color, linewidth=1.8)
    marker = "X" if row.flagged else "o"
    axes.plot(
        [row.value], [place], color=color, marker=marker, markersize=6.5 if row.flagged else 5.5
    )


def _chart_description(rows: list[IntervalRow]) -> str:
    parts = [
        f"{visible(row.label, _MAX_LABEL_CHARS)} {row.value:.3g} ({row.low:.3g} to {row.high:.3g})"
        f"{', flagged' if row.flagged else ''}"
        for row in rows
    ]
    return "; ".join(parts) + "."
