"""Scores of one answered point: a function of its distance alone."""

from typing import Final

import numpy as np

from geoagent_evaluation.contract.tables import Flags, Floats

THRESHOLDS_KM: Final = (1, 25, 200, 750, 2500)
"""Street, city, region, country, continent: Vo, Jacobs and Hays 2017 (arXiv 1705.04838)."""


def within_km(distance_km: Floats, threshold_km: float) -> Flags:
    """Return which points lie nearer than a threshold; strictly, and never where there is none."""
    return np.asarray(distance_km < threshold_km)


def geoscore_osv5m(distance_km: Floats) -> Floats:
    """Return 5000 exp(-d / 1492.7), 0 without a point.

    Source: Astruc et al. 2024, OpenStreetView-5M (arXiv 2404.18873), as in PIGEON and PLONK.
    """
    return _zero_without_point(5000 * np.exp(-distance_km / 1492.7))


def geoscore_geoagent(distance_km: Floats) -> Floats:
    """Return 5000 exp(-10 d / 18050), 0 without a point.

    Source: GeoAgent, 2026 (arXiv 2602.12617). At 750 km it gives 3300, where OSV-5M's gives 3025.
    """
    return _zero_without_point(5000 * np.exp(-10 * distance_km / 18050))


def _zero_without_point(scores: Floats) -> Floats:
    return np.nan_to_num(scores, nan=0.0)
