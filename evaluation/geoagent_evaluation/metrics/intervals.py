"""Intervals of 95 %: Wilson's for shares, and a bootstrap over photos or clusters of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_evaluation.contract.tables import Floats, Ints

Z_95: Final = 1.959963984540054
REPLICATES: Final = 1000
SEED: Final = 20_260_212
MIN_CLUSTERS: Final = 2
MAX_CHUNK_BYTES: Final = 1 << 26
MAX_MULTINOMIAL_UNITS: Final = 2000
_POISSON: Final = bytes(np.repeat(np.arange(6, dtype=np.uint8), (95, 93, 47, 16, 4, 1)))
"""Draws of a Poisson variable of mean 1 in 256 equal cases: mean 1, variance 1.008."""
MIN_DEFINED_SHARE: Final = 0.5

Weights = NDArray[np.uint8]  # [replicates, rows]: how often a row was drawn
Interval = tuple[float, float]


def wilson_interval(right: float, n: float) -> Interval:
    """Return the interval of a share `right / n` (Wilson 1927, JASA 22:209)."""
    share = right / n
    middle = (share + Z_95**2 / (2 * n)) / (1 + Z_95**2 / n)
    half = Z_95 / (1 + Z_95**2 / n) * np.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
    low = 0.0 if right == 0 else float(middle - half)
    return low, 1.0 if right == n else float(middle + half)


@dataclass(frozen=True, slots=True)
class Resampling:
    """Draws with replacement: of photos, or of whole clusters where photos belong together.

    Up to 2000 units are drawn exactly as many times as there are units; more are each drawn a
    Poisson number of times of mean 1 (Chamandy et al. 2012, "Estimating Uncertainty for Massive
    Data Streams"), which is ten times as fast. The same seed draws the same, whatever is computed
    of the draws.
    """

    rows: int
    cluster: Ints | None = None  # [rows], numbers from 0 without gaps
    replicates: int = REPLICATES
    seed: int = SEED

    @property
    def units(self) -> int:
        """How many things are drawn: clusters, or rows where there are none."""
        return self.rows if self.cluster is None else int(self.cluster.max(initial=-1)) + 1

    def weights(self) -> Iterator[Weights]:
        """Yield how often each row was drawn, some replicates at a time."""
        random = np.random.default_rng(self.seed)
        units = self.units
        at_once = max(1, min(self.replicates, MAX_CHUNK_BYTES // max(self.rows, 1)))
        for start in range(0, self.replicates, at_once):
            count = min(at_once, self.replicates - start)
            drawn = _drawn_counts(random, count, units)
            yield drawn if self.cluster is None else drawn.take(self.cluster, axis=1)


def _drawn_counts(random: np.random.Generator, replicates: int, units: int) -> Weights:
    if units > MAX_MULTINOMIAL_UNITS:
        cases = random.bytes(replicates * units).translate(_POISSON)
        return np.frombuffer(cases, dtype=np.uint8).reshape(replicates, units)
    drawn = np.empty((replicates, units), dtype=np.uint8)
    for row in drawn:
        chosen = random.integers(0, units, units)
        row[:] = np.minimum(np.bincount(chosen, minlength=units), 255)
    return drawn


class Statistic(Protocol):
    """Something that is computed of weighted rows."""

    def of_draws(self, weights: Weights, /) -> Floats:
        """Return its values [replicates, k]; NaN where a draw leaves it undefined."""
        ...


def bootstrap(statistics: Sequence[Statistic], resampling: Resampling) -> list[Floats]:
    """Return the replicates [replicates, k] of each statistic, all of the same draws.

    Source: Efron 1979 (Annals of Statistics 7:1); clusters: Davison and Hinkley 1997, 3.8.
    """
    found: list[list[Floats]] = [[] for _ in statistics]
    if statistics:
        for weights in resampling.weights():
            for statistic, parts in zip(statistics, found, strict=True):
                parts.append(statistic.of_draws(weights))
    return [np.concatenate(parts) for parts in found]


def percentile_interval(replicates: Floats) -> Interval | None:
    """Return the middle 95 % of replicates [r], None where fewer than half are defined."""
    defined = replicates[~np.isnan(replicates)]
    if len(defined) < MIN_DEFINED_SHARE * max(len(replicates), 1):
        return None
    low, high = np.quantile(defined, (0.025, 0.975))
    return float(low), float(high)
