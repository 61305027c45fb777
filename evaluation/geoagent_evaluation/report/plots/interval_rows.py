"""Rows of a value and its interval about a line of reference: a forest plot."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from geoagent_evaluation.report.plots import palette
from geoagent_evaluation.report.plots.drawing import Drawing, drawing_style, plain_figure
from geoagent_evaluation.report.safe_text import visible

MAX_ROWS = 40
_ROW_IN = 0.27
_FRAME_IN = 0.8


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
    with drawing_style():
        figure = plain_figure(4.9, _FRAME_IN + _ROW_IN * len(shown))
        axes = figure.subplots()
        if reference is not None:
            axes.axvline(reference, color=palette.MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
        for place, row in enumerate(shown):
            _draw_row(axes, place, row)
        axes.set_yticks(range(len(shown)), [visible(row.label, 32) for row in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(axis)
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
    return Drawing(name, title, _description(shown), figure)


def _draw_row(axes: Axes, place: int, row: IntervalRow) -> None:
    color = palette.ALARM if row.flagged else palette.MAIN
    axes.plot([row.low, row.high], [place, place], color=color, linewidth=1.8)
    marker = "X" if row.flagged else "o"
    axes.plot(
        [row.value], [place], color=color, marker=marker, markersize=6.5 if row.flagged else 5.5
    )


def _description(rows: list[IntervalRow]) -> str:
    parts = [
        f"{visible(row.label, 32)} {row.value:.3g} ({row.low:.3g} to {row.high:.3g})"
        f"{', flagged' if row.flagged else ''}"
        for row in rows
    ]
    return "; ".join(parts) + "."
