"""Curves to draw: reliability, risk against coverage, and how errors are spread."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geoagent_evaluation.contract.tables import Floats
from geoagent_evaluation.metrics.calibration import equal_mass_bins, reliability
from geoagent_evaluation.metrics.intervals import wilson_interval
from geoagent_evaluation.metrics.selective import risk_coverage
from geoagent_evaluation.scoring.claim_figures import SureClaims
from geoagent_evaluation.scoring.figures import Curve

MAX_CURVE_POINTS: Final = 200
ERROR_EDGES_KM: Final = (0.0, *np.geomspace(0.1, 20_480, 54).tolist())


def reliability_curve(claims: SureClaims) -> Curve:
    """Return claimed against observed by bins of equal mass, with Wilson's interval of each."""
    found = reliability(claims.probability, claims.right, equal_mass_bins(claims.probability))
    bounds = [
        wilson_interval(share * n, n) for share, n in zip(found.observed, found.n, strict=True)
    ]
    name = f"reliability {claims.group.removeprefix('level=')}"
    return Curve(
        name,
        {
            "claimed": found.claimed.tolist(),
            "observed": found.observed.tolist(),
            "n": found.n.astype(np.float64).tolist(),
            "low": [low for low, _ in bounds],
            "high": [high for _, high in bounds],
        },
    )


def risk_curve(name: str, claims: SureClaims) -> Curve:
    """Return risk against coverage, at no more than 200 coverages."""
    found = risk_coverage(claims.probability, ~claims.right)
    n = len(found.risk)
    chosen = np.unique(np.linspace(0, n - 1, min(n, MAX_CURVE_POINTS)).round().astype(np.int64))
    columns = {"coverage": found.coverage[chosen].tolist(), "risk": found.risk[chosen].tolist()}
    return Curve(name, columns, claims.group)


def error_histogram(distance_km: Floats) -> Iterator[Curve]:
    """Yield how many points lie how far from the truth; nothing where there is no point."""
    known = distance_km[~np.isnan(distance_km)]
    if len(known):
        counts, edges = np.histogram(known, np.array(ERROR_EDGES_KM))
        columns = {"low_km": edges[:-1], "high_km": edges[1:], "n": counts.astype(np.float64)}
        yield Curve("error_histogram", {name: found.tolist() for name, found in columns.items()})
