"""From a file of predictions and a table of truth to figures, curves and rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np

from geoagent_evaluation.contract.places import Places
from geoagent_evaluation.contract.read_truth import read_truth
from geoagent_evaluation.contract.tables import LEVELS, FailedRow, Flags, Floats, Ints, Words
from geoagent_evaluation.metrics.intervals import SEED, Resampling
from geoagent_evaluation.metrics.point_scores import within_km
from geoagent_evaluation.scoring.claim_figures import (
    SureClaims,
    calibration_figures,
    risk_figures,
)
from geoagent_evaluation.scoring.claims import Claims, judge_claims
from geoagent_evaluation.scoring.curves import error_histogram, reliability_curve, risk_curve
from geoagent_evaluation.scoring.estimate import estimate_group
from geoagent_evaluation.scoring.figures import Curve, Figure, ScoreFile
from geoagent_evaluation.scoring.groups import DEFAULT_KINDS, groups_of
from geoagent_evaluation.scoring.join import Join, join_file
from geoagent_evaluation.scoring.left_out import GROUP, kept_photos, read_left_out
from geoagent_evaluation.scoring.measures import claim_probability, measures_of
from geoagent_evaluation.scoring.place_match import Ternary
from geoagent_evaluation.scoring.rows import ScoredRows

RISK_KM = 200


@dataclass(frozen=True, slots=True)
class Scored:
    """All that scoring found: figures and curves, the rows behind them, what was wrong."""

    score: ScoreFile
    rows: ScoredRows
    claim_right: Ternary
    faults: Sequence[FailedRow]


def score_files(
    predictions: Path,
    truth: Path,
    lenient: bool = False,
    kinds: Sequence[str] = DEFAULT_KINDS,
    places: Mapping[str, Places] | None = None,
    without: Path | None = None,
) -> Scored:
    """Return the score of a file of predictions.

    Args:
        predictions: JSONL, Parquet or CSV, read in batches.
        truth: JSONL, Parquet or CSV.
        lenient: rows that break the contract are failures, not an error.
        kinds: the groups that figures are also given for, of GROUP_KINDS.
        places: ways to find the place of a point, by name ("polygon", "nearest_town").
        without: photos that figures are also given without (`datasets check --duplicates`).

    Raises:
        ContractError: file, row and field of what breaks the contract.
    """
    joined = join_file(predictions, read_truth(truth), lenient, places or {})
    claims = judge_claims(joined.rows)
    inputs = {str(path): file_sha256(path) for path in (predictions, truth, without) if path}
    kept = None if without is None else kept_photos(joined.rows.truth, read_left_out(without))
    score = ScoreFile(
        system=predictions.stem,
        figures=tuple(_figures(joined.rows, claims.right, kinds, kept)),
        curves=tuple(_curves(joined.rows, claims.right)),
        inputs=inputs,
        problems=problems_of(joined),
        notes=(*notes_of(joined, claims), *_notes_of_kept(joined.rows, kept)),
    )
    return Scored(score, joined.rows, claims.right, joined.faults.first)


def problems_of(joined: Join) -> dict[str, int]:
    """Return how many rows or photos had what is wrong, without what none had."""
    found = {
        "rows that break the contract": joined.faults.count,
        "photos with several rows": len(joined.repeated),
        "rows of photos that the truth does not have": joined.unknown,
        "rows without a readable id": joined.nameless,
        "photos without a prediction": int(joined.rows.missing.sum()),
    }
    return {name: count for name, count in found.items() if count}


def notes_of(joined: Join, claims: Claims) -> Iterator[str]:
    """Yield what a reader must know to read the figures."""
    yield (
        "Figures over all photos count a photo without a point as the farthest there is; "
        f"intervals hold the true figure in 95 of 100 cases, seed {SEED}."
    )
    if claims.judged:
        ways = ", ".join(f"{way}: {count}" for way, count in claims.judged.items())
        yield f"Claims judged by {ways}."
    rows = joined.rows
    bare = int((rows.claims & ~rows.failed & (rows.level < 0)).sum())
    if bare:
        yield f"{bare} claims state no level: they are in no figure of claims at a level."


def _notes_of_kept(rows: ScoredRows, kept: Ints | None) -> Iterator[str]:
    if kept is not None:
        away = len(rows) - len(kept)
        yield f"{away} of {len(rows)} photos are copies or placeholders: see the group {GROUP!r}."


def cluster_numbers(words: Words) -> Ints | None:
    """Return the number of each photo's cluster; one without is alone; None where none has one."""
    if all(word is None for word in words):
        return None
    number: dict[str, int] = {}
    found = np.empty(len(words), dtype=np.int64)
    for index, word in enumerate(words):
        found[index] = -1 if word is None else number.setdefault(word, len(number))
    alone = found < 0
    found[alone] = len(number) + np.arange(int(alone.sum()))
    return found


def sure_claims(rows: ScoredRows, right: Ternary) -> list[SureClaims]:
    """Return the claims that state a probability: all of them, then by level."""
    probability = claim_probability(rows, right)
    if np.isnan(rows.probability).all():
        return []
    stated = ~np.isnan(probability)
    found = [_chosen_claims("all", stated, probability, right == 1)]
    for level in LEVELS[1:]:
        at_level = stated & (rows.level == LEVELS.index(level)) & ~rows.failed
        found.append(_chosen_claims(f"level={level}", at_level, probability, right == 1))
    return [claims for claims in found if len(claims.rows)]


def _chosen_claims(group: str, chosen: Flags, probability: Floats, right: Flags) -> SureClaims:
    rows = np.flatnonzero(chosen)
    return SureClaims(group, rows, probability[rows], right[rows])


def _near_claims(rows: ScoredRows, group: str, among: Flags) -> SureClaims:
    """Return the answered points that state a probability, right where within 200 km."""
    probability = np.where(rows.broken, 1.0, rows.probability)
    stated = rows.claims & ~np.isnan(probability) & among
    return _chosen_claims(group, stated, probability, within_km(rows.distance_km, RISK_KM))


def _figures(
    rows: ScoredRows, right: Ternary, kinds: Sequence[str], kept: Ints | None
) -> Iterator[Figure]:
    measures = measures_of(rows, right)
    cluster = cluster_numbers(rows.truth.cluster)
    yield from estimate_group(measures, None, cluster, "all")
    resampling = Resampling(len(rows), cluster)
    claims = sure_claims(rows, right)
    yield from calibration_figures(claims, resampling)
    if claims:
        near = _near_claims(rows, "all", ~np.isnan(rows.truth.lat_deg))
        areas = {"aurc": claims[0], f"aurc_{RISK_KM}_km": near}
        yield from risk_figures(areas, resampling)
    yield from _totals(rows)
    if kept is not None and len(kept):
        yield from estimate_group(measures, kept, cluster, GROUP)
    for group, members in groups_of(rows, kinds):
        yield from estimate_group(measures, members, cluster, group)


def _totals(rows: ScoredRows) -> Iterator[Figure]:
    yield Figure("photos", float(len(rows)), "count", len(rows))
    stated = ~np.isnan(rows.cost)
    if stated.any():
        yield Figure("cost_total", float(rows.cost[stated].sum()), "cost", int(stated.sum()))


def _curves(rows: ScoredRows, right: Ternary) -> Iterator[Curve]:
    claims = sure_claims(rows, right)
    yield from (reliability_curve(group) for group in claims)
    if claims:
        yield risk_curve("risk_coverage", claims[0])
        for group, members in [("all", np.arange(len(rows))), *groups_of(rows, ["locatability"])]:
            among = np.zeros(len(rows), dtype=np.bool_)
            among[members] = True
            near = _near_claims(rows, group, among)
            if len(near.rows):
                yield risk_curve(f"risk_coverage_{RISK_KM}_km", near)
    yield from error_histogram(rows.distance_km)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
