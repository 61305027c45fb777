"""What a run logs about its answers: shares parsed and resolved, median error, accuracy."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_training.rewards.scoring import Batch

ACCURACY_KM: Final = (25, 200, 750, 2500)


def log_batch(
    log_metric: Callable[[str, float], None] | None,
    batch: Batch,
    points: NDArray[np.float64],
    distances_km: NDArray[Any],
) -> None:
    """Hand the shares and distances of a batch to TRL's `log_metric`, if there is one."""
    if log_metric is None or not batch.parsed:
        return
    for name, value in batch_metrics(batch, points, distances_km).items():
        log_metric(name, value)


def batch_metrics(
    batch: Batch, points: NDArray[np.float64], distances_km: NDArray[Any]
) -> dict[str, float]:
    """Return share parsed, share resolved, median distance, and accuracy per distance.

    Answers that resolve to nothing count as wrong; the median is over those that resolve.
    """
    known = batch.truth.has_point
    metrics = {
        "geo/parsed": float(np.mean([bool(one.stages) for one in batch.parsed])),
        "geo/resolved": float(np.isfinite(points).all(axis=1).mean()),
    }
    distances = np.asarray(distances_km, dtype=np.float64)[known]
    found = distances[np.isfinite(distances)]
    if len(found):
        metrics["geo/median_km"] = float(np.median(found))
    if len(distances):
        for limit_km in ACCURACY_KM:
            share = float(np.mean(np.nan_to_num(distances, nan=np.inf) <= limit_km))
            metrics[f"geo/within_{limit_km}_km"] = share
    return metrics
