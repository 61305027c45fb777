"""Systems compared on the photos that all of them were measured on, each with the first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from geoagent_evaluation.contract.read_truth import read_truth
from geoagent_evaluation.contract.tables import Floats, Ints
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.metrics.intervals import (
    MIN_CLUSTERS,
    Resampling,
    Statistic,
    bootstrap,
    percentile_interval,
)
from geoagent_evaluation.metrics.paired import bootstrap_p_value, holm_adjusted, mcnemar_exact
from geoagent_evaluation.metrics.selective import area_under_risk
from geoagent_evaluation.metrics.statistics import AreaUnderRisk, Means, Median, counted_rows
from geoagent_evaluation.scoring.claims import judge_claims
from geoagent_evaluation.scoring.estimate import renumbered
from geoagent_evaluation.scoring.figures import Unit
from geoagent_evaluation.scoring.join import join_file
from geoagent_evaluation.scoring.measures import Measure, claim_probability, measures_of
from geoagent_evaluation.scoring.place_match import Ternary
from geoagent_evaluation.scoring.read_rows import read_rows
from geoagent_evaluation.scoring.rows import ScoredRows
from geoagent_evaluation.scoring.score import cluster_numbers

MAX_POINT_GAP_DEG = 1e-6


@dataclass(frozen=True, slots=True)
class System:
    """One system: its name, what is known of its photos, which of its claims are right."""

    name: str
    rows: ScoredRows
    right: Ternary


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of a system less that of the first, over the same photos.

    `p` is of no difference; `p_holm` is it with all systems compared at once. `low` and `high` are
    None where there is but one photo or cluster.
    """

    metric: str
    unit: Unit
    first: str
    second: str
    first_value: float
    second_value: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    test: str
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences, over how many photos, and how many of each system were left out."""

    differences: tuple[Difference, ...]
    photos: int
    left_out: dict[str, int]


def open_system(path: Path, truth: Path | None, lenient: bool) -> System:
    """Return a system from the folder of its score, or from its predictions and the truth.

    Raises:
        ContractError: the folder or the file breaks the contract, or the truth is not given.
    """
    if path.is_dir():
        return System(path.name or str(path), *read_rows(path))
    if truth is None:
        raise ContractError(f"{path}: is no folder of a score; give --truth to score it")
    joined = join_file(path, read_truth(truth), lenient, {})
    return System(path.stem, joined.rows, judge_claims(joined.rows).right)


def compare_systems(systems: Sequence[System]) -> Comparison:
    """Return the difference of every figure between each system and the first.

    Raises:
        ContractError: no photo is common to all, or a photo has two truths.
    """
    chosen = _common_photos(systems)
    count = len(chosen[0])
    measured = [_measures(system, rows) for system, rows in zip(systems, chosen, strict=True)]
    clusters = cluster_numbers(systems[0].rows.truth.cluster)
    cluster = None if clusters is None else renumbered(clusters[chosen[0]])
    resampling = Resampling(count, cluster)
    names = unique_names([system.name for system in systems])
    found = [
        list(_differences(measured[0], measures, (names[0], name), resampling))
        for name, measures in zip(names[1:], measured[1:], strict=True)
    ]
    left_out = {name: len(system.rows) - count for name, system in zip(names, systems, strict=True)}
    adjusted = _adjusted([one for some in found for one in some])
    return Comparison(tuple(adjusted), count, left_out)


def unique_names(names: Sequence[str]) -> list[str]:
    """Return names of which none comes twice: a number is added to those that did."""
    return [
        f"{name} ({names[:index].count(name) + 1})" if names.count(name) > 1 else name
        for index, name in enumerate(names)
    ]


@dataclass(frozen=True, slots=True)
class _Measured:
    """A measure with its statistic and value, so that all of them are drawn in one pass."""

    measure: Measure
    statistic: Statistic
    value: float


def _common_photos(systems: Sequence[System]) -> list[Ints]:
    """Return where the common photos are in each system, in the order of the first."""
    places = [
        {identity: place for place, identity in enumerate(system.rows.truth.ids)}
        for system in systems
    ]
    common = [name for name in systems[0].rows.truth.ids if all(name in have for have in places)]
    if not common:
        raise ContractError("no photo is common to all of these systems")
    chosen = [np.array([have[name] for name in common], dtype=np.int64) for have in places]
    for system, rows in zip(systems[1:], chosen[1:], strict=True):
        _refuse_other_truth(systems[0], system, chosen[0], rows)
    return chosen


def _refuse_other_truth(first: System, second: System, rows: Ints, others: Ints) -> None:
    one, other = first.rows.truth, second.rows.truth
    gap = np.maximum(
        np.abs(one.lat_deg[rows] - other.lat_deg[others]),
        np.abs(one.lon_deg[rows] - other.lon_deg[others]),
    )
    moved = np.flatnonzero(gap > MAX_POINT_GAP_DEG)
    if len(moved):
        raise ContractError(
            f"{first.name} and {second.name} were measured against different truths: "
            f"{one.ids[rows[moved[0]]]!r} and {len(moved) - 1} other photos have two places"
        )


def _measures(system: System, rows: Ints) -> dict[str, _Measured]:
    found = {}
    for whole in measures_of(system.rows, system.right):
        measure = replace(whole, column=whole.column[rows])
        counted = counted_rows(measure.column)
        if counted.any():
            values = measure.column[counted].astype(np.float64)
            statistic = Median(measure.column.astype(np.float64)) if measure.median else (
                Means([measure.column])
            )  # fmt: skip
            value = float(np.median(values) if measure.median else values.mean())
            found[measure.metric] = _Measured(measure, statistic, value)
    return found | _risk_measure(system, rows)


def _risk_measure(system: System, rows: Ints) -> dict[str, _Measured]:
    probability = claim_probability(system.rows, system.right)[rows]
    claims = np.flatnonzero(~np.isnan(probability))
    if not len(claims) or np.isnan(system.rows.probability[rows]).all():
        return {}
    wrong = system.right[rows][claims] != 1
    statistic = AreaUnderRisk(probability[claims], wrong, claims)
    column = np.where(np.isnan(probability), np.nan, 0.0)
    value = area_under_risk(probability[claims], wrong)
    return {"aurc": _Measured(Measure("aurc", "area", column), statistic, value)}


def _differences(
    first: dict[str, _Measured],
    second: dict[str, _Measured],
    names: tuple[str, str],
    resampling: Resampling,
) -> Iterator[Difference]:
    common = [metric for metric in first if metric in second]
    pairs = [(first[metric], second[metric]) for metric in common]
    draws: list[Floats | None] = [None] * len(pairs)
    if resampling.units >= MIN_CLUSTERS:
        statistics = [one.statistic for pair in pairs for one in pair]
        drawn = bootstrap(statistics, resampling)
        draws = [
            after[:, 0] - before[:, 0]
            for before, after in zip(drawn[::2], drawn[1::2], strict=True)
        ]
    for pair, changes in zip(pairs, draws, strict=True):
        yield _difference(pair, changes, names, resampling)


def _difference(
    pair: tuple[_Measured, _Measured],
    changes: Floats | None,
    names: tuple[str, str],
    resampling: Resampling,
) -> Difference:
    before, after = pair
    bounds = None if changes is None else percentile_interval(changes)
    low, high = bounds or (None, None)
    p = None if changes is None or bounds is None else bootstrap_p_value(changes)
    test = "cluster bootstrap" if resampling.cluster is not None else "bootstrap"
    if _are_paired_shares(pair) and resampling.cluster is None:
        counted = before.measure.column >= 0
        right = (one.measure.column[counted] == 1 for one in pair)
        p, test = mcnemar_exact(*right), "McNemar exact"
    return Difference(
        before.measure.metric, before.measure.unit, *names, before.value, after.value,
        after.value - before.value, low, high, p, None, test, resampling.rows,
    )  # fmt: skip


def _are_paired_shares(pair: tuple[_Measured, _Measured]) -> bool:
    before, after = (one.measure.column for one in pair)
    if before.dtype != np.int8 or after.dtype != np.int8:
        return False
    return bool((counted_rows(before) == counted_rows(after)).all())


def _adjusted(found: Sequence[Difference]) -> Iterator[Difference]:
    """Yield the differences, metric by metric, with their p-values adjusted over the systems."""
    for metric in dict.fromkeys(one.metric for one in found):
        tests = [one for one in found if one.metric == metric]
        tested = [one for one in tests if one.p is not None]
        adjusted = holm_adjusted([one.p for one in tested if one.p is not None])
        by_system = {one.second: p for one, p in zip(tested, adjusted, strict=True)}
        for one in tests:
            yield replace(one, p_holm=by_system.get(one.second))
