"""Figures of a group of photos, each with its interval."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.tables import Floats, Ints
from geoagent_evaluation.metrics.intervals import (
    MIN_CLUSTERS,
    Interval,
    Resampling,
    Statistic,
    bootstrap,
    percentile_interval,
    wilson_interval,
)
from geoagent_evaluation.metrics.statistics import Means, Median, counted_rows, median_interval
from geoagent_evaluation.scoring.figures import Figure, IntervalMethod
from geoagent_evaluation.scoring.measures import Measure


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval and how it was found; nothing where none can be."""

    interval: Interval | None
    method: IntervalMethod


def figure_of(measure: Measure, group: str, bounds: Bounds) -> Figure:
    """Return a measure's figure: its mean, its share, or its median."""
    values = measure.column[counted_rows(measure.column)]
    value = float(np.median(values) if measure.median else values.mean(dtype=np.float64))
    return make_figure(measure, value, len(values), group, bounds)


def make_figure(measure: Measure, value: float, n: int, group: str, bounds: Bounds) -> Figure:
    """Return a figure with its bounds, or without where there are none."""
    low, high = bounds.interval or (None, None)
    method = bounds.method if bounds.interval else None
    return Figure(measure.metric, value, measure.unit, n, group, low, high, method)


def estimate_group(
    measures: Sequence[Measure], rows: Ints | None, cluster: Ints | None, group: str
) -> list[Figure]:
    """Return the figures of some photos, `rows` of all or all of them.

    Shares have Wilson's interval and all else a bootstrap's; where photos are clustered shares have
    the cluster bootstrap's too, but for a share of none or all, which no draw changes: there
    Wilson's over the number of clusters stands.
    """
    chosen = [measure if rows is None else _subset(measure, rows) for measure in measures]
    chosen = [measure for measure in chosen if counted_rows(measure.column).any()]
    members = cluster if cluster is None or rows is None else renumbered(cluster[rows])
    count = len(measures[0].column) if rows is None else len(rows)
    resampling = Resampling(count, members)
    bounds = _bounds_of(chosen, resampling)
    return [figure_of(measure, group, bound) for measure, bound in zip(chosen, bounds, strict=True)]


def renumbered(cluster: Ints) -> Ints:
    """Return the numbers of clusters from 0 without gaps."""
    return np.asarray(np.unique(cluster, return_inverse=True)[1], dtype=np.int64)


def bootstrap_method(resampling: Resampling) -> IntervalMethod:
    """Return what a bootstrap of these draws is called."""
    return "bootstrap" if resampling.cluster is None else "cluster bootstrap"


def _subset(measure: Measure, rows: Ints) -> Measure:
    return Measure(measure.metric, measure.unit, measure.column[rows], measure.median)


def _is_share(measure: Measure) -> bool:
    return measure.column.dtype == np.int8


def _bounds_of(measures: Sequence[Measure], resampling: Resampling) -> list[Bounds]:
    bounds = [_bounds_without_draws(measure, resampling) for measure in measures]
    drawn = [index for index, bound in enumerate(bounds) if bound is None]
    replicates = _draw([measures[index] for index in drawn], resampling)
    method = bootstrap_method(resampling)
    for index, draws in zip(drawn, replicates, strict=True):
        alone = _counted_units(measures[index], resampling) < MIN_CLUSTERS
        bounds[index] = Bounds(None if alone else percentile_interval(draws), method)
    return [bound for bound in bounds if bound is not None]


def _bounds_without_draws(measure: Measure, resampling: Resampling) -> Bounds | None:
    """Return the interval of a share or a median where it needs no draw, nothing where it does."""
    if measure.median and resampling.cluster is None:
        values = measure.column[counted_rows(measure.column)].astype(np.float64)
        return Bounds(median_interval(values) if len(values) > 1 else None, "bootstrap")
    if not _is_share(measure):
        return None
    counted = counted_rows(measure.column)
    n, right = int(counted.sum()), int((measure.column == 1).sum())
    if resampling.cluster is None:
        return Bounds(wilson_interval(right, n), "wilson")
    if 0 < right < n:
        return None
    units = _counted_units(measure, resampling)
    return Bounds(wilson_interval(right / n * units, units), "wilson")


def _counted_units(measure: Measure, resampling: Resampling) -> int:
    counted = counted_rows(measure.column)
    cluster = resampling.cluster
    return int(counted.sum()) if cluster is None else len(np.unique(cluster[counted]))


def _draw(measures: Sequence[Measure], resampling: Resampling) -> Iterator[Floats]:
    """Yield the replicates of each measure; none where there is but one photo or cluster."""
    if resampling.units < MIN_CLUSTERS:
        yield from (np.empty(0) for _ in measures)
        return
    means = [measure for measure in measures if not measure.median]
    medians = [measure for measure in measures if measure.median]
    statistics: list[Statistic] = [Means([measure.column for measure in means])] if means else []
    statistics += [Median(measure.column.astype(np.float64)) for measure in medians]
    found = bootstrap(statistics, resampling)
    columns = {id(measure): found[0][:, index] for index, measure in enumerate(means)}
    ranks = found[1:] if means else found
    columns |= {id(m): draws[:, 0] for m, draws in zip(medians, ranks, strict=True)}
    yield from (columns[id(measure)] for measure in measures)
