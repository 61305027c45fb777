"""How far the guesses are off: a histogram over the logarithm of the distance."""

import numpy as np
from matplotlib.ticker import FuncFormatter, NullLocator
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

MIN_KM, MAX_KM = 0.1, 20_038.0
_BINS = 48
_TICKS_KM = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)


def draw_error_histogram(distance_km: Floats) -> Drawing:
    """Return the histogram of distances; what is nearer than `MIN_KM` is in the first bin."""
    edges = np.geomspace(MIN_KM, MAX_KM, _BINS + 1)
    counts, _ = np.histogram(np.clip(distance_km, MIN_KM, MAX_KM), bins=edges)
    with report_style():
        figure = blank_figure(WIDTH_IN, 3.9)
        axes = axes_in(figure, LEFT_EDGE_IN, BOTTOM_EDGE_IN, TOP_EDGE_IN)
        axes.stairs(counts, edges, fill=True, color=palette.MAIN_SOFT)
        axes.stairs(counts, edges, color=palette.MAIN, linewidth=1.0)
        axes.set_xscale("log")
        top = float(counts.max()) * 1.16
        for threshold in palette.THRESHOLDS_KM:
            axes.axvline(threshold, color=palette.SECOND, linewidth=1.0, linestyle=(0, (4, 3)))
            axes.text(
                threshold * 0.92, top * 0.985, f"{threshold:g} km", rotation=90, ha="right",
                va="top", fontsize=8.0, color=palette.SECOND,
            )  # fmt: skip
        axes.set(xlim=(MIN_KM, MAX_KM), ylim=(0, top), ylabel="photos", xlabel="error in km")
        axes.set_xticks(_TICKS_KM)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda km, _: f"{km:,g}"))
    return Drawing("histogram", "Histogram of errors", _chart_description(distance_km), figure)


def _chart_description(distance_km: Floats) -> str:
    parts = [
        f"{np.mean(distance_km < threshold):.0%} under {threshold:g} km"
        for threshold in palette.THRESHOLDS_KM
    ]
    return f"Of {len(distance_km)} photos: {', '.join(parts)}."
