"""Reliability: how often claims of a stated probability are right."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from geoagent_evaluation.report.plots import palette
from geoagent_evaluation.report.plots.drawing import Drawing, drawing_style, plain_figure

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
    with drawing_style():
        figure = plain_figure(4.9, 4.6)
        upper, lower = figure.subplots(2, 1, height_ratios=[3.4, 1.0], sharex=True)
        _draw_curve(upper, bins)
        _draw_counts(lower, bins)
    return Drawing(name, title, _description(bins), figure)


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


def _description(bins: ReliabilityBins) -> str:
    parts = [
        f"claimed {claimed:.0%}: {observed:.0%} right of {int(count)}"
        for claimed, observed, count in zip(bins.claimed, bins.observed, bins.n, strict=True)
    ]
    return "; ".join(parts) + "."
