"""How many consecutive completions of a batch answer the same photo."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from geoagent_training.rewards.truth import Truth


def rows_per_truth(truth: Truth, row_ids: Sequence[Any] | None = None) -> int:
    """Return the largest G that divides the batch into runs of one truth each, at least 1.

    TRL repeats a row for each of its completions; a process may hold a part of them.
    """
    count = len(truth.names)
    points = truth.points
    same_point = ((points[1:] == points[:-1]) | (np.isnan(points[1:]) & np.isnan(points[:-1]))).all(
        axis=1
    )
    starts = [
        row
        for row in range(1, count)
        if not same_point[row - 1]
        or truth.names[row] != truth.names[row - 1]
        or (row_ids is not None and row_ids[row] != row_ids[row - 1])
    ]
    return math.gcd(count, *starts) or 1
