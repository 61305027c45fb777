"""Curves of runs, read from their logs and smoothed as the caption says."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_training.miniature.pictures import draw_accuracy, draw_curves, read_curves
from PIL import Image

SPATIAL = "rewards/spatial/mean"


def log(folder: Path, run: str, *values: float) -> None:
    path = folder / run / "log.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([{SPATIAL: value} for value in values] + [{"loss": 9.0}]))


def test_runs_of_one_variant_are_stacked_at_the_shortest_length(tmp_path: Path) -> None:
    log(tmp_path, "seed0/without_spatial_run", 1, 2, 3)
    log(tmp_path, "seed1/without_spatial_run", 4, 5)
    log(tmp_path, "seed0/GRPO_run", 7)
    log(tmp_path, "other/GRPO_run", 8)
    curves = read_curves(tmp_path)
    assert [*curves] == ["GRPO", "without spatial"]
    assert curves["without spatial"][SPATIAL].tolist() == [[1, 2], [4, 5]]
    assert [*curves["GRPO"]] == [SPATIAL]
    assert read_curves(tmp_path / "other") == {}


def test_a_step_is_the_mean_of_itself_and_the_nine_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.axes import Axes

    drawn: list[tuple[list[float], list[float]]] = []
    plot = Axes.plot

    def keep(self: Axes, x: np.ndarray, y: np.ndarray, **options: Any) -> object:
        drawn.append((list(x), list(y)))
        return plot(self, x, y, **options)

    monkeypatch.setattr(Axes, "plot", keep)
    two_seeds = np.array([[*range(12)], [*range(12)]], dtype=np.float64)
    draw_curves({"GRPO": {SPATIAL: two_seeds}}, tmp_path / "curves.png")
    assert drawn == [([10, 11, 12], [4.5, 5.5, 6.5])]


def test_both_pictures_are_drawn_for_few_runs_too(tmp_path: Path) -> None:
    draw_curves({"GRPO": {SPATIAL: np.ones((1, 2))}}, tmp_path / "curves.png")
    draw_accuracy({"right country": {"rules": [0.5], "SFT": [0.2, 0.4]}}, tmp_path / "shares.png")
    for name in ("curves.png", "shares.png"):
        with Image.open(tmp_path / name) as picture:
            assert picture.size[0] > 900
