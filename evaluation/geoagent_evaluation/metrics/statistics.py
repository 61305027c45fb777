"""Figures as functions of weighted rows, so that one bootstrap serves all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from geoagent_evaluation.contract.tables import Flags, Floats, Ints
from geoagent_evaluation.metrics.intervals import Interval, Weights
from geoagent_evaluation.metrics.selective import expected_errors

BLOCK_ROWS: Final = 4096
MAX_RISK_BLOCKS: Final = 1000
MAX_EXACT_ROWS: Final = 20_000  # products of more rows are in float32, at half the cost

Column = NDArray[np.float64] | NDArray[np.int8]
"""Values of rows; a row that a figure does not count is NaN, or -1 in a column of int8."""


def counted_rows(column: Column) -> Flags:
    """Return which rows a column counts."""
    return np.asarray(column >= 0 if column.dtype == np.int8 else ~np.isnan(column))


@dataclass(frozen=True, slots=True)
class Means:
    """The means of several columns, each over the rows that it counts."""

    columns: Sequence[Column]

    def of_draws(self, weights: Weights) -> Floats:
        """Return the weighted means [replicates, columns]."""
        width = len(self.columns)
        kind = np.float32 if weights.shape[1] > MAX_EXACT_ROWS else np.float64
        masks, mask_of = self._masks()
        middle = np.array([column[counted_rows(column)].mean() for column in self.columns])
        sums = np.zeros((len(weights), width + len(masks)))
        for start in range(0, weights.shape[1], BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            block = self._block(rows, masks, middle)
            sums += weights[:, rows].astype(kind) @ block.astype(kind)
        values, counts = sums[:, :width], sums[:, width:][:, mask_of]
        undefined = np.full_like(values, np.nan)
        return middle + np.divide(values, counts, out=undefined, where=counts > 0)

    def _masks(self) -> tuple[list[Flags], list[int]]:
        """Return the different sets of rows that are counted, and which of them each column has."""
        place: dict[bytes, int] = {}
        masks: list[Flags] = []
        found = []
        for column in self.columns:
            counted = counted_rows(column)
            found.append(place.setdefault(np.packbits(counted).tobytes(), len(masks)))
            if found[-1] == len(masks):
                masks.append(counted)
        return masks, found

    def _block(self, rows: slice, masks: Sequence[Flags], middle: Floats) -> Floats:
        """Return the values of some rows less their mean, 0 where not counted, and who is counted.

        Less their mean, or the rounding of float32 would move a mean of equal values.
        """
        values = [
            np.where(counted_rows(column[rows]), column[rows] - mean, 0)
            for column, mean in zip(self.columns, middle, strict=True)
        ]
        parts = [*values, *(mask[rows] for mask in masks)]
        return np.stack([part.astype(np.float64) for part in parts], axis=1)


@dataclass(frozen=True, slots=True)
class Median:
    """The median of a column over the rows that it counts."""

    column: Floats

    def of_draws(self, weights: Weights) -> Floats:
        """Return the weighted medians [replicates, 1]: the mean of the two middle values."""
        order = np.argsort(self.column, kind="stable")[: int(counted_rows(self.column).sum())]
        values = self.column[order]
        found = np.full((len(weights), 1), np.nan)
        for index, drawn in enumerate(weights):
            ranks = np.cumsum(drawn[order], dtype=np.int64)
            total = int(ranks[-1]) if len(ranks) else 0
            if total:
                middle = np.searchsorted(ranks, ((total - 1) // 2, total // 2), side="right")
                found[index] = values[middle].mean()
        return found


def median_interval(values: Floats) -> Interval:
    """Return the bootstrap interval of a median of photos that are drawn alone, without drawing.

    The k-th smallest of n values is at least the median of a draw as often as a binomial variable
    of n and k / n is at least half of n (Efron 1979; Maritz and Jarrett 1978, JASA 73:194).
    """
    ordered = np.sort(values)
    n = len(ordered)
    reach = int(4 * np.sqrt(n)) + 2  # of the middle: eight standard deviations
    ranks = np.arange(max(1, n // 2 - reach), min(n, n // 2 + reach) + 1)
    below = betainc(n // 2 + 1, n - n // 2, ranks / n)  # P(median of a draw <= k-th value)
    places = ranks[np.minimum(np.searchsorted(below, (0.025, 0.975)), len(ranks) - 1)] - 1
    return float(ordered[places[0]]), float(ordered[places[1]])


@dataclass(frozen=True, slots=True)
class CalibrationGaps:
    """The gaps of the bins of a reliability curve: sums of claimed less right, per drawn claim."""

    gap: Floats  # [claims], probability less right
    bins: Ints  # [claims]
    rows: Ints  # [claims], which row each claim is

    def of_draws(self, weights: Weights) -> Floats:
        """Return the gaps [replicates, bins]."""
        drawn = weights.take(self.rows, axis=1)
        sums = np.zeros((len(weights), int(self.bins.max()) + 1))
        for start in range(0, len(self.gap), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            block = np.zeros((len(self.gap[rows]), sums.shape[1]), dtype=np.float32)
            block[np.arange(len(block)), self.bins[rows]] = self.gap[rows]
            sums += drawn[:, rows].astype(np.float32) @ block
        total = drawn.sum(axis=1, dtype=np.int64)[:, None]
        undefined = np.full_like(sums, np.nan)
        return np.asarray(np.divide(sums, total, out=undefined, where=total > 0))


def calibration_error_interval(gaps: Floats, replicates: Floats, n: int) -> Interval:
    """Return the interval of an expected calibration error from its gaps [bins] and their draws.

    The error is a sum of |gap|, which has no slope where a gap is 0, and there a plain bootstrap
    never reaches 0. A gap below sqrt(log n) of its standard errors is therefore drawn as if it
    were 0, the others by their sign (Fang and Santos 2019, Review of Economic Studies 86:377). The
    interval is of the true error; it is widened to hold the figure, which is biased upwards.
    """
    replicates = replicates[~np.isnan(replicates).any(axis=1)]
    noise = replicates - gaps
    far = np.abs(gaps) > np.sqrt(np.log(max(n, 2))) * noise.std(axis=0)
    moved = np.where(far, np.sign(gaps) * noise, np.abs(noise)).sum(axis=1)
    low, high = np.quantile(moved, (0.025, 0.975))
    error = float(np.abs(gaps).sum())
    return max(0.0, error - float(high)), min(1.0, max(error, error - float(low)))


@dataclass(frozen=True, slots=True)
class AreaUnderRisk:
    """The area under a risk-coverage curve; over more than 1000 claims its draws are in blocks."""

    confidence: Floats  # [claims]
    wrong: Flags  # [claims]
    rows: Ints  # [claims], which row each claim is

    def of_draws(self, weights: Weights) -> Floats:
        """Return the areas [replicates, 1]."""
        order = np.argsort(-self.confidence, kind="stable")
        errors = expected_errors(self.confidence, self.wrong)
        blocks = min(len(order), MAX_RISK_BLOCKS)
        edges = np.linspace(0, len(order), blocks + 1).astype(np.int64)
        drawn = weights.take(self.rows[order], axis=1)
        columns = np.stack([np.ones_like(errors), errors], axis=1).astype(np.float32)
        sums = np.empty((blocks, len(weights), 2))
        for block, (start, end) in enumerate(pairwise(edges)):
            sums[block] = drawn[:, start:end].astype(np.float32) @ columns[start:end]
        answered, wrong = np.moveaxis(sums, 2, 0)
        reached = np.cumsum(answered, axis=0)
        risk = np.divide(
            np.cumsum(wrong, axis=0), reached, out=np.zeros_like(wrong), where=reached > 0
        )
        total = reached[-1]
        undefined = np.full_like(total, np.nan)
        area = (risk * answered).sum(axis=0)
        return np.asarray(np.divide(area, total, out=undefined, where=total > 0))[:, None]
