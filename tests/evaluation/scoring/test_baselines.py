"""Baselines, each against a plain loop."""

import math

import numpy as np
import pytest
from geoagent_evaluation.contract.tables import CandidateTable
from geoagent_evaluation.scoring.baselines import (
    Points,
    best_constant,
    best_constant_left_out,
    densest_reference,
    nearest_reference,
    oracle_candidate,
)


def _points(*pairs: tuple[float, float]) -> Points:
    degrees = np.array(pairs, np.float64).reshape(-1, 2)
    return Points(degrees[:, 0], degrees[:, 1])


def _km(one: tuple[float, float], other: tuple[float, float]) -> float:
    a, b, c, d = map(math.radians, (*one, *other))
    cosine = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def _random_points(number: int, seed: int) -> list[tuple[float, float]]:
    rng = np.random.default_rng(seed)
    return [(float(a), float(b)) for a, b in rng.uniform((-60, -180), (70, 180), (number, 2))]


def test_the_best_constant_has_the_least_median() -> None:
    pairs = _random_points(41, 1)
    found = best_constant(_points(*pairs))
    by_hand = min(pairs, key=lambda one: np.median([_km(one, other) for other in pairs]))
    assert (found.lat_deg[0], found.lon_deg[0]) == by_hand


def test_a_left_out_constant_never_knows_its_own_place() -> None:
    pairs = _random_points(30, 2)
    clusters = [str(n // 3) for n in range(30)]
    found = best_constant_left_out(_points(*pairs), clusters)
    for row in (0, 7, 29):
        others = [pair for n, pair in enumerate(pairs) if clusters[n] != clusters[row]]
        by_hand = min(others, key=lambda one: np.median([_km(one, other) for other in others]))
        assert (found.lat_deg[row], found.lon_deg[row]) == by_hand
    alone = best_constant_left_out(_points((1, 2), (3, 4)), ["a", "a"])
    assert np.isnan(alone.lat_deg).all()


def test_the_nearest_reference_is_the_most_similar() -> None:
    references = _points((1, 1), (2, 2), (3, 3))
    found = nearest_reference(np.array([0, 2, 2, 3]), references, np.array([0.1, 0.9, 0.2]))
    assert found.lat_deg[[0, 2]].tolist() == [2.0, 3.0]
    assert math.isnan(found.lat_deg[1])


def test_many_similar_references_outweigh_one_that_is_a_little_better() -> None:
    references = _points((60, 20), (40, -8), (40.5, -8.2), (39.8, -8.1))
    scores = np.array([0.62, 0.60, 0.60, 0.60])
    offsets = np.array([0, 4])
    assert nearest_reference(offsets, references, scores).lat_deg[0] == 60
    assert densest_reference(offsets, references, scores).lat_deg[0] == pytest.approx(40, abs=1)
    sure = np.array([0.99, 0.60, 0.60, 0.60])
    assert densest_reference(offsets, references, sure).lat_deg[0] == 60


def test_the_oracle_chooses_the_candidate_nearest_to_the_truth() -> None:
    table = CandidateTable(
        offsets=np.array([0, 3, 3, 4]),
        lat_deg=np.array([0.0, 10.0, np.nan, np.nan]),
        lon_deg=np.array([0.0, 179.0, np.nan, np.nan]),
        probability=np.array([0.5, 0.2, 0.3, 1.0]),
        place=[None, None, "PT", "PT"],
    )
    found = oracle_candidate(table, _points((9, -179), (0, 0), (0, 0)))
    assert found.lat_deg[0] == 10.0
    assert np.isnan(found.lat_deg[1:]).all()
