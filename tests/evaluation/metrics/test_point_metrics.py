"""Distances and scores of points, against loops over plain numbers."""

import math

import numpy as np
import pytest
from geoagent_evaluation.metrics.point_scores import (
    THRESHOLDS_KM,
    geoscore_geoagent,
    geoscore_osv5m,
    within_km,
)
from geoagent_evaluation.metrics.sphere import HALF_CIRCUMFERENCE_KM, distance_km

RANDOM = np.random.default_rng(3)
POINTS = np.column_stack([RANDOM.uniform(-90, 90, 200), RANDOM.uniform(-180, 180, 200)])
OTHERS = np.column_stack([RANDOM.uniform(-90, 90, 200), RANDOM.uniform(-180, 180, 200)])


def _haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    a, b, c, d = map(math.radians, (lat1, lon1, lat2, lon2))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(half))


def test_distances_are_great_circles() -> None:
    found = distance_km(*POINTS.T, *OTHERS.T)
    loop = [_haversine(*here, *there) for here, there in zip(POINTS, OTHERS, strict=True)]
    assert found == pytest.approx(loop, rel=1e-9, abs=1e-9)
    assert distance_km(0, 0, 0, 180) == pytest.approx(HALF_CIRCUMFERENCE_KM, abs=1e-9)
    assert distance_km(90, 0, -90, 77) == pytest.approx(HALF_CIRCUMFERENCE_KM, abs=1e-9)
    assert distance_km(0, -180, 0, 180) == pytest.approx(0, abs=1e-9)
    assert np.isnan(distance_km(math.nan, 0, 0, 0))


def test_scores_of_distances() -> None:
    distance = np.array([0.0, 1.0, 24.999, 25.0, 750.0, 20015.0, math.nan])
    loop_osv = [5000 * math.exp(-d / 1492.7) for d in distance[:-1]]
    loop_geo = [5000 * math.exp(-10 * d / 18050) for d in distance[:-1]]
    assert geoscore_osv5m(distance) == pytest.approx([*loop_osv, 0.0], abs=1e-9)
    assert geoscore_geoagent(distance) == pytest.approx([*loop_geo, 0.0], abs=1e-9)
    assert round(float(geoscore_osv5m(np.array(750.0)))) == 3025
    assert round(float(geoscore_geoagent(np.array(750.0)))) == 3300


def test_a_threshold_is_strict_and_a_missing_point_is_never_near() -> None:
    assert THRESHOLDS_KM == (1, 25, 200, 750, 2500)
    distance = np.array([24.999999, 25.0, math.nan])
    assert within_km(distance, 25).tolist() == [True, False, False]
