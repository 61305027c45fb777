"""Every source of evidence audited: is what it claims true, and does it help the truth?

A file `evidence.jsonl` has a row for each photo and source that spoke: what the source alone makes
of the countries (`countries`, `unlisted`), the true one, and by how many nats the source raised the
log probability of the truth (`gain_country`, `gain_city`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from geoagent_evaluation.contract.tables import Floats
from geoagent_evaluation.errors import ContractError

RELIABILITY_EDGES = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97)
MIN_GAIN_NATS = 0.01
"""A source that moved the truth by less neither helped nor hurt."""
MIN_CLUSTERS_TO_FLAG = 6
"""Of five or fewer places even gains of one sign are within chance: 2 * 0.5 ** 5 > 0.05."""
DEFAULT_RESAMPLES = 2000
_Z_95 = 1.959963984540054
_BLOCK = 64


def read_evidence(file: Path) -> list[dict[str, Any]]:
    """Return the rows of `evidence.jsonl`; none where there is no such file.

    Raises:
        ContractError: a row lacks its source, or a number is none.
    """
    if not file.exists():
        return []
    rows = []
    with file.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                row = json.loads(line)
                _require_numbers(row)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise ContractError(
                    f"{file}, row {number}: is no row of evidence ({error}); write it again with "
                    "`geoagent eval run`"
                ) from error
            rows.append(row)
    return rows


def audit_sources(
    rows: Iterable[Mapping[str, Any]], photos: int, seed: int = 0
) -> tuple[dict[str, Any], ...]:
    """Return the audit of each source by name: how often it spoke, helped and hurt, what it gave.

    `gain_country` and `gain_city` have the mean over the photos it spoke of, in nats, with the 95 %
    interval of a bootstrap over places. `flagged` is True where an interval lies below zero.

    Args:
        rows: rows of `evidence.jsonl`.
        photos: photos of the run, whether a source spoke or not.
        seed: of the bootstrap.
    """
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_source.setdefault(str(row["source"]), []).append(row)
    return tuple(
        _audit_one(source, by_source[source], photos, seed) for source in sorted(by_source)
    )


def reliability_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Return claimed against observed shares over pairs of a photo and a country, by bins.

    Columns: `claimed` (mean of what was claimed), `observed` (share that was true), `n` pairs,
    `low` and `high` (Wilson, 95 %). All countries that a photo's row does not list are one pair.
    """
    claimed, true = _country_pairs(rows)
    bins = np.searchsorted(RELIABILITY_EDGES, claimed, side="right")
    columns: dict[str, list[float]] = {
        name: [] for name in ("claimed", "observed", "n", "low", "high")
    }
    for number in np.unique(bins).tolist():
        here = bins == number
        share, count = float(true[here].mean()), int(here.sum())
        low, high = _wilson(share, count)
        values = (float(claimed[here].mean()), share, count, low, high)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns


def mean_with_interval(
    values: Floats, clusters: Sequence[str], seed: int, resamples: int = DEFAULT_RESAMPLES
) -> dict[str, float]:
    """Return the mean, and the 95 % interval of a bootstrap that draws whole clusters.

    Keys: `mean`, `low`, `high`, `n` values, `clusters`.
    """
    _, member = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)
    sums = np.bincount(member, values)
    counts = np.bincount(member).astype(np.float64)
    number = len(sums)
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    for start in range(0, resamples, _BLOCK):  # the draws of a block alone are held
        size = min(_BLOCK, resamples - start)
        drawn = rng.integers(0, number, (size, number))
        means[start : start + size] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {
        "mean": float(values.mean()),
        "low": float(low),
        "high": float(high),
        "n": len(values),
        "clusters": number,
    }


def _audit_one(
    source: str, rows: Sequence[Mapping[str, Any]], photos: int, seed: int
) -> dict[str, Any]:
    gains = np.array([row["gain_country"] for row in rows], dtype=np.float64)
    audit: dict[str, Any] = {
        "source": source,
        "photos": photos,
        "spoke": len(rows),
        "helped": int((gains > MIN_GAIN_NATS).sum()),
        "hurt": int((gains < -MIN_GAIN_NATS).sum()),
        "reliability": reliability_of(rows),
    }
    for level in ("country", "city"):
        known = [row for row in rows if f"gain_{level}" in row]
        if known:
            values = np.array([row[f"gain_{level}"] for row in known], dtype=np.float64)
            clusters = [str(row.get("cluster") or row["id"]) for row in known]
            audit[f"gain_{level}"] = mean_with_interval(values, clusters, seed)
    audit["flagged"] = any(
        _is_below_zero(audit[key]) for key in ("gain_country", "gain_city") if key in audit
    )
    return audit


def _is_below_zero(gain: Mapping[str, float]) -> bool:
    return gain["high"] < 0.0 and gain["clusters"] >= MIN_CLUSTERS_TO_FLAG


def _country_pairs(rows: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    claimed, true = [], []
    for row in rows:
        for code, probability in row["countries"].items():
            claimed.append(probability)
            true.append(code == row["true_country"])
        claimed.append(row["unlisted"])
        true.append(row["true_country"] not in row["countries"])
    return np.array(claimed, np.float64), np.array(true, np.float64)


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson, 1927)."""
    z2 = _Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _Z_95 * np.sqrt(share * (1 - share) / count + z2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def _require_numbers(row: Any) -> None:
    """Refuse a row whose numbers are none; the errors are those of reading a mapping."""
    if not isinstance(row, dict):
        raise TypeError("no object")
    for key in ("id", "source", "true_country"):
        if not isinstance(row[key], str):
            raise TypeError(f"{key}: no text")
    numbers = [row["unlisted"], row["gain_country"], *row["countries"].values()]
    numbers += [row["gain_city"]] if "gain_city" in row else []
    if not all(isinstance(value, int | float) and np.isfinite(value) for value in numbers):
        raise TypeError("a number is none")
