"""Pictures of the miniature: accuracy of each model, and the rewards while GRPO runs."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_training.miniature.results import RULES, place_in_table

_PANELS: Final = {
    "rewards/spatial/mean": "spatial reward",
    "rewards/semantic/mean": "semantic reward",
    "rewards/consistency/mean": "consistency reward",
    "geo/within_25_km": "share within 25 km",
    "tools/call_frequency": "tools for a photo",
}
_WINDOW: Final = 10

Curves = Mapping[str, Mapping[str, NDArray[np.float64]]]
"""Of each variant and each logged number: its values, [seeds, steps]."""


def read_curves(folder: Path) -> Curves:
    """Return what the GRPO runs under a folder logged; runs of one variant cut to one length."""
    runs: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    for log in sorted(folder.glob("seed*/*_run/log.json")):
        history = json.loads(log.read_text(encoding="utf-8"))
        for key in _PANELS:
            values = [float(entry[key]) for entry in history if key in entry]
            if values:
                name = log.parent.name.removesuffix("_run").replace("_", " ")
                runs[name][key].append(values)
    return {
        name: {key: _stack_runs(rows) for key, rows in runs[name].items()}
        for name in sorted(runs, key=place_in_table)
    }


def _stack_runs(rows: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    length = min(len(row) for row in rows)
    return np.array([row[:length] for row in rows])


def draw_curves(curves: Curves, path: Path) -> None:
    """Draw the mean of the seeds as a line and their range as a band, smoothed over ten steps."""
    plt = _import_pyplot()
    logged_keys = {key for logged in curves.values() for key in logged}
    panels = {key: title for key, title in _PANELS.items() if key in logged_keys}
    rows = (len(panels) + 1) // 2
    figure, axes = plt.subplots(
        rows, 2, figsize=(9, 3 * rows), layout="constrained", sharex=True, squeeze=False
    )
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (key, title) in zip(axes.flat, panels.items(), strict=False):
        for name, logged in curves.items():
            if key not in logged:
                continue
            smooth = _smooth_curve(logged[key])
            steps = np.arange(smooth.shape[1]) + min(_WINDOW, logged[key].shape[1])
            (line,) = axis.plot(steps, smooth.mean(axis=0), label=name, lw=1.5)
            axis.fill_between(
                steps, smooth.min(axis=0), smooth.max(axis=0), color=line.get_color(), alpha=0.15
            )
        axis.set_title(f"{title} of sampled answers", fontsize=10)
        axis.grid(alpha=0.3)
    for axis in axes[-1]:
        axis.set_xlabel("GRPO step")
    axes[0, 0].legend(fontsize=8)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _smooth_curve(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each step and the nine before it, [seeds, steps - 9]."""
    window = min(_WINDOW, values.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=1)
    means: NDArray[np.float64] = windows.mean(axis=2)
    return means


def draw_accuracy(shares: Mapping[str, Mapping[str, Sequence[float]]], path: Path) -> None:
    """Draw shares of unseen scenes, a panel for each measure: bars for means, dots for seeds.

    Args:
        shares: of each measure and each model, one share per seed.
        path: PNG to write.
    """
    plt = _import_pyplot()
    figure, axes = plt.subplots(
        1, len(shares), figsize=(11, 3.4), layout="constrained", sharey=True
    )
    for axis, (title, models) in zip(np.atleast_1d(axes), shares.items(), strict=True):
        for at, (name, values) in enumerate(models.items()):
            percent = 100 * np.asarray(values)
            error = percent.std(ddof=1) if len(percent) > 1 else None
            color = "tab:gray" if name == RULES else "tab:blue"
            axis.bar(at, percent.mean(), yerr=error, color=color, alpha=0.6, capsize=4)
            axis.plot([at] * len(percent), percent, "k.", ms=5)
        axis.set_xticks(range(len(models)), [n.replace(" ", "\n") for n in models], fontsize=8)
        axis.set_title(title, fontsize=10)
        axis.grid(axis="y", alpha=0.3)
    np.atleast_1d(axes)[0].set_ylabel("unseen scenes, %")
    np.atleast_1d(axes)[0].set_ylim(0, 100)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _import_pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    return pyplot
