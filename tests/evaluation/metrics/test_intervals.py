"""Intervals: Wilson's formula, and draws that behave as draws with replacement."""

import numpy as np
import pytest
from geoagent_evaluation.metrics.intervals import (
    Resampling,
    bootstrap,
    percentile_interval,
    wilson_interval,
)
from geoagent_evaluation.metrics.selective import area_under_risk
from geoagent_evaluation.metrics.statistics import (
    AreaUnderRisk,
    CalibrationGaps,
    Means,
    Median,
    calibration_error_interval,
    median_interval,
)

RANDOM = np.random.default_rng(13)


def test_wilson_solves_its_equation() -> None:
    for right, n in ((0, 5), (3, 10), (10, 10), (400, 1000)):
        for bound in wilson_interval(right, n):
            if 0 < bound < 1:
                gap = (right / n - bound) ** 2
                assert gap == pytest.approx(
                    1.959963984540054**2 * bound * (1 - bound) / n, abs=1e-9
                )
    assert wilson_interval(0, 5)[0] == 0
    assert wilson_interval(10, 10)[1] == 1


@pytest.mark.parametrize("units", [50, 3000])
def test_units_are_drawn_once_on_average_and_the_same_again(units: int) -> None:
    resampling = Resampling(units, replicates=400)
    drawn = np.concatenate(list(resampling.weights()))
    assert drawn.shape == (400, units)
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.var() == pytest.approx(1, abs=0.05)
    assert (np.concatenate(list(resampling.weights())) == drawn).all()
    if units == 50:
        assert (drawn.sum(axis=1) == units).all()


def test_clusters_are_drawn_whole() -> None:
    cluster = np.array([0, 0, 1, 2, 2, 2])
    drawn = next(Resampling(6, cluster).weights())
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert (drawn[:, 3] == drawn[:, 5]).all()
    assert (drawn[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_statistics_of_draws_are_those_of_the_rows_repeated() -> None:
    n = 60
    values = RANDOM.exponential(100, n)
    values[:7] = np.nan
    share = RANDOM.integers(-1, 2, n).astype(np.int8)
    confidence, wrong = RANDOM.permutation(n) / n, RANDOM.random(n) < 0.4
    bins = RANDOM.integers(0, 5, n)
    weights = next(Resampling(n, replicates=20).weights())
    means = Means([values, share]).of_draws(weights)
    medians = Median(values).of_draws(weights)
    areas = AreaUnderRisk(confidence, wrong, np.arange(n)).of_draws(weights)
    gaps = CalibrationGaps(confidence - wrong, bins, np.arange(n)).of_draws(weights)
    for index, row in enumerate(weights):
        rows = np.repeat(np.arange(n), row)
        assert means[index, 0] == pytest.approx(np.nanmean(values[rows]), rel=1e-6)
        assert means[index, 1] == pytest.approx(share[rows][share[rows] >= 0].mean(), rel=1e-6)
        assert medians[index, 0] == pytest.approx(np.nanmedian(values[rows]), abs=1e-9)
        sums = np.bincount(bins[rows], (confidence - wrong)[rows], 5) / len(rows)
        assert gaps[index] == pytest.approx(sums, abs=1e-6)
        # a repeated row is a tie with itself, which the area takes at its last place
        assert areas[index, 0] == pytest.approx(
            area_under_risk(confidence[rows], wrong[rows]), abs=0.05
        )
    alone = AreaUnderRisk(confidence, wrong, np.arange(n)).of_draws(np.ones((1, n), np.uint8))
    assert alone[0, 0] == pytest.approx(area_under_risk(confidence, wrong), abs=1e-6)


def test_the_interval_of_a_median_is_that_of_many_draws() -> None:
    values = RANDOM.exponential(100, 301)
    drawn = bootstrap([Median(values)], Resampling(301, replicates=4000))[0][:, 0]
    low, high = median_interval(values)
    ordered = np.sort(values)
    for exact, found in zip((low, high), np.quantile(drawn, (0.025, 0.975)), strict=True):
        ranks = np.searchsorted(ordered, (exact, found))
        assert abs(int(ranks[0]) - int(ranks[1])) <= 1


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = {"mean": 0, "median": 0, "calibration error": 0}
    trials = 40
    for seed in range(trials):
        random = np.random.default_rng(seed)
        values = random.exponential(1, 200)
        resampling = Resampling(200, replicates=200, seed=seed)
        bounds = percentile_interval(bootstrap([Means([values])], resampling)[0][:, 0])
        assert bounds is not None
        held["mean"] += bounds[0] <= 1 <= bounds[1]
        low, high = median_interval(values)
        held["median"] += low <= np.log(2) <= high
        probability = random.random(200)
        right = random.random(200) < probability  # the true error is 0
        bins = (probability * 10).astype(np.int64)
        statistic = CalibrationGaps(probability - right, bins, np.arange(200))
        gaps = np.bincount(bins, probability - right) / 200
        low, high = calibration_error_interval(gaps, bootstrap([statistic], resampling)[0], 200)
        held["calibration error"] += low <= 0 <= high
    assert min(held.values()) >= 0.85 * trials, held


def test_an_interval_needs_draws_that_are_defined() -> None:
    assert percentile_interval(np.full(10, np.nan)) is None
    assert percentile_interval(np.array([np.nan, 1.0, 2.0, 3.0])) is not None
