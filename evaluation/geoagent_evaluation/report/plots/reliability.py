"""Reliability: how often claims of a stated probability are right."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
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

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReliabilityBins:
    """Bins of claims: mean claimed probability, share that is right, its interval, their number."""

    claimed: Floats
    observed: Floats
    low: Floats
    high: Floats
    n: Floats


def draw_reliability(name: str, title: str, bins: ReliabilityBins) -> Drawing:
    """Return the diagram with interval bars, and below it the number of claims in each bin."""
    with report_style():
        figure = blank_figure(WIDTH_IN, 4.6)
        upper = axes_in(figure, LEFT_EDGE_IN, 1.45, TOP_EDGE_IN)
        lower = axes_in(figure, LEFT_EDGE_IN, BOTTOM_EDGE_IN, 3.3, share=upper)
        upper.tick_params(labelbottom=False)
        _draw_curve(upper, bins)
        _draw_counts(lower, bins)
    return Drawing(name, title, _chart_description(bins), figure)


def _draw_curve(axes: Axes, bins: ReliabilityBins) -> None:
    axes.plot([0, 1], [0, 1], color=palette.MUTED, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.text(1.0, 0.02, "dashed: as claimed", ha="right", color=palette.MUTED, fontsize=8.5)
    below = np.maximum(bins.observed - bins.low, 0.0)
    above = np.maximum(bins.high - bins.observed, 0.0)
    axes.errorbar(
        bins.claimed, bins.observed, yerr=np.stack([below, above]), color=palette.MAIN, marker="o",
        markersize=5, linewidth=1.4, elinewidth=1.4, capsize=3,
    )  # fmt: skip
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), ylabel="share that is right")
    axes.grid()


def _draw_counts(axes: Axes, bins: ReliabilityBins) -> None:
    axes.bar(bins.claimed, bins.n, width=0.045, color=palette.MAIN_SOFT)
    for claimed, count in zip(bins.claimed, bins.n, strict=True):
        label = f"{int(count):,}" if count < 100_000 else f"{count / 1000:,.0f}k"
        axes.text(claimed, count, label, ha="center", va="bottom", fontsize=7.5)
    axes.set(xlabel="claimed probability", ylabel="claims", ylim=(0, float(bins.n.max()) * 1.3))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))


def _chart_description(bins: ReliabilityBins) -> str:
    parts = [
        f"claimed {claimed:.0%}: {observed:.0%} right of {int(count)}"
        for claimed, observed, count in zip(bins.claimed, bins.observed, bins.n, strict=True)
    ]
    return "; ".join(parts) + "."
