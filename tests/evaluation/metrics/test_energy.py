"""Scores of candidate sets, against double loops; they are proper, and unbiased for samples."""

import numpy as np
import pytest
from geoagent_evaluation.contract.tables import CandidateTable, Floats
from geoagent_evaluation.metrics.energy import energy_scores, half_mass_radius_km
from geoagent_evaluation.metrics.sphere import distance_km

RANDOM = np.random.default_rng(7)
COUNTS = np.array([0, 1, 4, 4, 7, 2])
OFFSETS = np.concatenate([[0], np.cumsum(COUNTS)])
M = int(COUNTS.sum())
LAT, LON = RANDOM.uniform(-90, 90, M), RANDOM.uniform(-180, 180, M)
POINT, TRUE = (RANDOM.uniform(-80, 80, (2, 6)) for _ in range(2))


def _table(probability: Floats) -> CandidateTable:
    return CandidateTable(OFFSETS, LAT, LON, probability, [None] * M)


def _loop_energy(row: int, probability: Floats) -> float:
    here = range(OFFSETS[row], OFFSETS[row + 1])
    if not len(here):
        return float(distance_km(POINT[0][row], POINT[1][row], TRUE[0][row], TRUE[1][row]))
    sampled = np.isnan(probability[here[0]])
    total = sum(1.0 if sampled else probability[i] for i in here)
    share = {i: (1.0 if sampled else probability[i]) / total for i in here}
    first = sum(
        share[i] * float(distance_km(LAT[i], LON[i], TRUE[0][row], TRUE[1][row])) for i in here
    )
    pairs = [(i, j) for i in here for j in here if i != j]
    each = {(i, j): 1 / len(pairs) if sampled else share[i] * share[j] for i, j in pairs}
    second = sum(each[i, j] * float(distance_km(LAT[i], LON[i], LAT[j], LON[j])) for i, j in pairs)
    return first - second / 2


@pytest.mark.parametrize("sampled", [False, True])
def test_energy_scores_are_those_of_a_double_loop(sampled: bool) -> None:
    probability = np.full(M, np.nan) if sampled else RANDOM.random(M) / 10
    found = energy_scores(_table(probability), *POINT, *TRUE)
    loop = [_loop_energy(row, probability) for row in range(6)]
    assert found == pytest.approx(loop, abs=1e-9)


def test_a_place_code_alone_is_no_point() -> None:
    lat, lon = LAT.copy(), LON.copy()
    lat[1], lon[1] = np.nan, np.nan
    whole = CandidateTable(OFFSETS, lat, lon, np.full(M, 0.1), [None] * M)
    row = slice(OFFSETS[2] + 1, OFFSETS[3])
    nowhere: list[str | None] = [None] * 3
    alone = CandidateTable(np.array([0, 3]), LAT[row], LON[row], np.full(3, 0.1), nowhere)
    expected = energy_scores(alone, *(column[2:3] for column in (*POINT, *TRUE)))
    assert energy_scores(whole, *POINT, *TRUE)[2] == pytest.approx(expected[0], abs=1e-9)


def test_of_samples_the_score_is_unbiased_and_the_honest_distribution_scores_best() -> None:
    random = np.random.default_rng(11)
    trials, m = 4000, 3
    true = random.normal(0, 8, (2, trials))
    means = {}
    for spread in (4, 8, 16):
        drawn = random.normal(0, spread, (2, trials * m))
        nothing = np.full(trials * m, np.nan)
        nowhere: list[str | None] = [None] * (trials * m)
        offsets = np.arange(0, trials * m + 1, m)
        table = CandidateTable(offsets, drawn[0], drawn[1], nothing, nowhere)
        means[spread] = float(energy_scores(table, *true, *true).mean())
    assert min(means, key=means.__getitem__) == 8
    pair = random.normal(0, 8, (4, 40000))
    half = float(distance_km(*pair).mean()) / 2  # E d(X, y) - E d(X, X') / 2 for y drawn as X
    assert means[8] == pytest.approx(half, rel=0.03)


def test_the_radius_of_half_the_mass_is_that_of_a_loop() -> None:
    probability = RANDOM.random(M)
    for row in range(6):
        held = slice(OFFSETS[row], OFFSETS[row + 1])
        probability[held] /= max(1.0, float(probability[held].sum()))
    found = half_mass_radius_km(_table(probability), *POINT)
    for row in range(6):
        members = range(OFFSETS[row], OFFSETS[row + 1])
        away = {
            i: float(distance_km(LAT[i], LON[i], POINT[0][row], POINT[1][row])) for i in members
        }
        enough = [
            radius for radius in sorted(away.values())
            if sum(probability[i] for i in members if away[i] <= radius) >= 0.5
        ]  # fmt: skip
        assert found[row] == pytest.approx(enough[0] if enough else np.nan, abs=1e-9, nan_ok=True)
