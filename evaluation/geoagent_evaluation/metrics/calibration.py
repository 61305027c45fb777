"""Whether stated probabilities come true: expected calibration error, Brier score, log-likelihood.

`probability` is what was claimed and `right` whether the claim was right, one per claim.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geoagent_evaluation.contract.tables import Flags, Floats, Ints

BINS: Final = 15
"""Naeini et al. 2015 and Guo et al. 2017 use 15 bins."""
MIN_PROBABILITY: Final = 1e-6
"""Log-likelihoods are cut here: a claim made with certainty that is wrong costs 13.8 nats."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Claims by bin: mean claimed probability, share that was right, number. No bin is empty."""

    claimed: Floats
    observed: Floats
    n: Ints


def equal_width_bins(probability: Floats, bins: int = BINS) -> Ints:
    """Return the bin of each claim, bins of one width: [0, 1/15), ..., [14/15, 1]."""
    return np.minimum((probability * bins).astype(np.int64), bins - 1)


def equal_mass_bins(probability: Floats, bins: int = BINS) -> Ints:
    """Return the bin of each claim, bins of as equal numbers as ties allow.

    Equal probabilities share a bin: the one of their middle rank (Nixon et al. 2019, "Measuring
    Calibration in Deep Learning", arXiv 1904.01685, adaptive bins).
    """
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count + 1) / 2
    return np.asarray((middle * bins / max(len(probability), 1)).astype(np.int64)[place])


def reliability(probability: Floats, right: Flags, bins: Ints) -> Reliability:
    """Return claimed against observed, one row per bin that holds claims."""
    n = np.bincount(bins)
    claimed = np.bincount(bins, weights=probability)
    observed = np.bincount(bins, weights=right.astype(np.float64))
    held = n > 0
    return Reliability(claimed[held] / n[held], observed[held] / n[held], n[held])


def calibration_error(probability: Floats, right: Flags, bins: Ints) -> float:
    """Return the expected calibration error: sum over bins of n_b / n |claimed_b - observed_b|.

    Source: Naeini, Cooper and Hauskrecht 2015, AAAI; Guo et al. 2017 (arXiv 1706.04599). Never
    below its noise: of n claims that are calibrated it is about sqrt(bins / n) / 4.
    """
    gaps = np.bincount(bins, weights=probability - right)
    return float(np.abs(gaps).sum() / len(probability))


def brier_scores(probability: Floats, right: Flags) -> Floats:
    """Return (probability - right)² of each claim (Brier 1950, Monthly Weather Review 78:1)."""
    return np.asarray((probability - right) ** 2)


def log_losses(probability: Floats, right: Flags) -> Floats:
    """Return -log of the probability given to what happened, in nats (Good 1952).

    Probabilities are cut to [1e-6, 1 - 1e-6].
    """
    cut = np.clip(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(-np.log(np.where(right, cut, 1 - cut)))
