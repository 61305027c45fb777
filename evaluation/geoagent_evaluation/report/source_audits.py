"""The audits of the sources of evidence, checked: what `score.json` has under `sources`."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from geoagent_evaluation.report.plain_values import number_or_none, text_or_empty
from geoagent_evaluation.report.plots.reliability import ReliabilityBins

LEVELS = ("country", "city")
_BIN_COLUMNS = ("claimed", "observed", "low", "high", "n")


@dataclass(frozen=True, slots=True)
class Gain:
    """By how many nats a source raised the log probability of the truth, with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class SourceAudit:
    """One source: how often it spoke, helped and hurt, what it gave at each level."""

    name: str
    photos: int
    spoke: int
    helped: int
    hurt: int
    flagged: bool
    gains: dict[str, Gain]
    reliability: ReliabilityBins | None


def source_audits(sources: Iterable[dict[str, Any]]) -> list[SourceAudit]:
    """Return the audits, the most helpful source first; one without a name is left out."""
    audits = [_source_audit(one) for one in sources if text_or_empty(one.get("source"))]
    return sorted(audits, key=lambda audit: (-_first_gain(audit), audit.name))


def reliability_bins(columns: Any) -> ReliabilityBins | None:
    """Return the bins of a curve of claimed against observed, None where there are none.

    Bins without a claim and bins whose numbers are not finite are left out.
    """
    if not isinstance(columns, dict) or not all(name in columns for name in _BIN_COLUMNS):
        return None
    if not all(isinstance(columns[name], list) for name in _BIN_COLUMNS):
        return None
    rows = zip(*(columns[name] for name in _BIN_COLUMNS), strict=False)
    kept = [
        row
        for row in rows
        if all(number_or_none(value) is not None for value in row) and row[4] > 0
    ]
    if not kept:
        return None
    claimed, observed, low, high, n = np.array(kept, np.float64).T
    return ReliabilityBins(claimed, observed, low, high, n)


def _source_audit(source: dict[str, Any]) -> SourceAudit:
    gains = {
        level: gain
        for level in LEVELS
        if (gain := _gain_of(source.get(f"gain_{level}"))) is not None
    }
    return SourceAudit(
        name=text_or_empty(source.get("source")),
        photos=_count_of(source, "photos"),
        spoke=_count_of(source, "spoke"),
        helped=_count_of(source, "helped"),
        hurt=_count_of(source, "hurt"),
        flagged=source.get("flagged") is True,
        gains=gains,
        reliability=reliability_bins(source.get("reliability")),
    )


def _gain_of(value: Any) -> Gain | None:
    if not isinstance(value, dict):
        return None
    mean, low, high = (number_or_none(value.get(key)) for key in ("mean", "low", "high"))
    if mean is None or low is None or high is None:
        return None
    return Gain(mean, low, high, _count_of(value, "n"))


def _count_of(source: dict[str, Any], key: str) -> int:
    return int(number_or_none(source.get(key)) or 0)


def _first_gain(audit: SourceAudit) -> float:
    found = [audit.gains[level].mean for level in LEVELS if level in audit.gains]
    return found[0] if found else -math.inf
