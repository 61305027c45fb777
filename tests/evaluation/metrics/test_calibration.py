"""Calibration figures, against loops over plain numbers."""

import math

import numpy as np
import pytest
from geoagent_evaluation.contract.tables import Flags, Floats, Ints
from geoagent_evaluation.metrics.calibration import (
    brier_scores,
    calibration_error,
    equal_mass_bins,
    equal_width_bins,
    log_losses,
    reliability,
)

RANDOM = np.random.default_rng(5)
PROBABILITY = RANDOM.random(997).round(2)
RIGHT = RANDOM.random(997) < PROBABILITY**1.5


def _loop_error(probability: Floats, right: Flags, bins: Ints) -> float:
    total = 0.0
    for number in set(bins.tolist()):
        members = [i for i in range(len(bins)) if bins[i] == number]
        claimed = sum(probability[i] for i in members) / len(members)
        observed = sum(bool(right[i]) for i in members) / len(members)
        total += len(members) / len(bins) * abs(claimed - observed)
    return total


@pytest.mark.parametrize("binning", [equal_mass_bins, equal_width_bins])
def test_the_calibration_error_is_that_of_a_loop(binning: object) -> None:
    assert callable(binning)
    bins = binning(PROBABILITY)
    expected = _loop_error(PROBABILITY, RIGHT, bins)
    assert calibration_error(PROBABILITY, RIGHT, bins) == pytest.approx(expected, abs=1e-9)


def test_bins_of_one_width_are_those_of_a_loop() -> None:
    loop = [min(int(value * 15), 14) for value in PROBABILITY]
    assert equal_width_bins(PROBABILITY).tolist() == loop
    assert equal_width_bins(np.array([0.0, 1.0])).tolist() == [0, 14]


def test_bins_of_equal_mass_share_ties_and_hold_equal_numbers() -> None:
    distinct = RANDOM.permutation(np.linspace(0.01, 0.99, 300))
    assert np.bincount(equal_mass_bins(distinct)).tolist() == [20] * 15
    ties = np.array([0.5] * 90 + [0.9] * 10)
    assert len(set(equal_mass_bins(ties).tolist())) == 2
    for value in set(PROBABILITY.tolist()):
        assert len(set(equal_mass_bins(PROBABILITY)[value == PROBABILITY].tolist())) == 1


def test_a_reliability_curve_has_no_empty_bin() -> None:
    found = reliability(
        np.array([0.1, 0.1, 0.9]), np.array([True, False, True]), np.array([1, 1, 13])
    )
    assert found.claimed.tolist() == [0.1, 0.9]
    assert found.observed.tolist() == [0.5, 1.0]
    assert found.n.tolist() == [2, 1]


def test_brier_scores_and_log_losses_are_those_of_a_loop() -> None:
    probability = np.array([0.0, 0.25, 0.5, 1.0, 1.0])
    right = np.array([False, True, False, True, False])
    brier = [(p - (1 if y else 0)) ** 2 for p, y in zip(probability, right, strict=True)]
    cut = [min(max(p, 1e-6), 1 - 1e-6) for p in probability]
    loss = [-math.log(p if y else 1 - p) for p, y in zip(cut, right, strict=True)]
    assert brier_scores(probability, right) == pytest.approx(brier, abs=1e-9)
    assert log_losses(probability, right) == pytest.approx(loss, abs=1e-9)
