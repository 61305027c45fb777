"""Figures of all claims together that are no mean: calibration errors and areas under risk."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.tables import Flags, Floats, Ints
from geoagent_evaluation.metrics.calibration import (
    calibration_error,
    equal_mass_bins,
    equal_width_bins,
)
from geoagent_evaluation.metrics.intervals import (
    MIN_CLUSTERS,
    Resampling,
    Statistic,
    bootstrap,
    percentile_interval,
)
from geoagent_evaluation.metrics.selective import area_under_risk
from geoagent_evaluation.metrics.statistics import (
    AreaUnderRisk,
    CalibrationGaps,
    calibration_error_interval,
)
from geoagent_evaluation.scoring.estimate import bootstrap_method
from geoagent_evaluation.scoring.figures import Figure

BINNINGS = {"ece_equal_mass": equal_mass_bins, "ece_equal_width": equal_width_bins}


@dataclass(frozen=True, slots=True)
class SureClaims:
    """Claims that state how sure they are: which photos, how sure, whether right; [claims]."""

    group: str
    rows: Ints
    probability: Floats
    right: Flags


def calibration_figures(claims: list[SureClaims], resampling: Resampling) -> Iterator[Figure]:
    """Yield the calibration errors of each group of claims, by both kinds of bins."""
    cases = [(group, name) for group in claims if len(group.rows) for name in BINNINGS]
    statistics: list[Statistic] = []
    for group, name in cases:
        bins = BINNINGS[name](group.probability)
        gap = group.probability - group.right
        statistics.append(CalibrationGaps(gap, bins, group.rows))
    drawn = _draws(statistics, resampling)
    for (group, name), statistic, replicates in zip(cases, statistics, drawn, strict=True):
        assert isinstance(statistic, CalibrationGaps)
        n = len(group.rows)
        value = calibration_error(group.probability, group.right, statistic.bins)
        yield _with_bounds(
            Figure(name, value, "share", n, group.group), resampling,
            None if replicates is None
            else calibration_error_interval(_gaps_of(statistic), replicates, n),
        )  # fmt: skip


def risk_figures(claims: dict[str, SureClaims], resampling: Resampling) -> Iterator[Figure]:
    """Yield the area under each risk-coverage curve, by the name of its metric."""
    cases = {name: group for name, group in claims.items() if len(group.rows)}
    statistics: list[Statistic] = [
        AreaUnderRisk(group.probability, ~group.right, group.rows) for group in cases.values()
    ]
    drawn = _draws(statistics, resampling)
    for (name, group), replicates in zip(cases.items(), drawn, strict=True):
        value = area_under_risk(group.probability, ~group.right)
        bounds = None if replicates is None else percentile_interval(replicates[:, 0])
        figure = Figure(name, value, "area", len(group.rows), group.group)
        yield _with_bounds(figure, resampling, bounds)


def _gaps_of(statistic: CalibrationGaps) -> Floats:
    """Return the gap of every bin up to the last that holds a claim; 0 for one that holds none."""
    return np.bincount(statistic.bins, weights=statistic.gap) / len(statistic.gap)


def _draws(statistics: list[Statistic], resampling: Resampling) -> list[Floats | None]:
    if resampling.units < MIN_CLUSTERS:
        return [None] * len(statistics)
    return list(bootstrap(statistics, resampling))


def _with_bounds(
    figure: Figure, resampling: Resampling, bounds: tuple[float, float] | None
) -> Figure:
    if bounds is None or figure.n < MIN_CLUSTERS:
        return figure
    method = bootstrap_method(resampling)
    return Figure(figure.metric, figure.value, figure.unit, figure.n, figure.group, *bounds, method)
