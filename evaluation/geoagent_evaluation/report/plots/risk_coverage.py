"""Risk and coverage: how often the surest answers are wrong, as more of them are let through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

Floats = NDArray[np.float64]
MAX_LINES = len(palette.LINES)


@dataclass(frozen=True, slots=True)
class RiskLine:
    """A system's curve: share of photos answered, and the risk among those."""

    label: str
    coverage: Floats
    risk: Floats


def draw_risk_coverage(name: str, title: str, lines: list[RiskLine]) -> Drawing:
    """Return the curves of at most `MAX_LINES` systems."""
    with report_style():
        figure = blank_figure(WIDTH_IN, 4.6)
        axes = axes_in(figure, LEFT_EDGE_IN, BOTTOM_EDGE_IN, TOP_EDGE_IN)
        for index, line in enumerate(lines[:MAX_LINES]):
            axes.plot(
                line.coverage, line.risk, color=palette.LINES[index], linewidth=1.7,
                linestyle=palette.DASHES[index], label=visible(line.label, 40),
            )  # fmt: skip
        top = max((float(line.risk.max()) for line in lines), default=1.0)
        axes.set(
            xlim=(0, 1.01),
            ylim=(0, max(top * 1.08, 0.05)),
            ylabel="risk: share of those that is wrong",
        )
        axes.set_xlabel("coverage: share of photos answered, surest first")
        axes.grid()
        if len(lines) > 1:
            axes.legend(loc="best")
    return Drawing(name, title, _chart_description(lines), figure)


def _chart_description(lines: list[RiskLine]) -> str:
    parts = []
    for line in lines[:MAX_LINES]:
        at = [f"{_risk_at(line, share):.0%} at {share:.0%}" for share in (0.25, 0.5, 1.0)]
        parts.append(f"{visible(line.label, 40)}: risk {', '.join(at)} coverage")
    return "; ".join(parts) + "."


def _risk_at(line: RiskLine, coverage: float) -> float:
    return float(np.interp(coverage, line.coverage, line.risk))
