"""What a run logs about a batch, counted by hand."""

import math

import numpy as np
import pytest
from geoagent_training.rewards.completions import parse_completions
from geoagent_training.rewards.reward_metrics import batch_metrics, log_batch
from geoagent_training.rewards.reward_tools import RewardTools
from geoagent_training.rewards.scoring import Batch
from geoagent_training.rewards.truth import read_truth

from tests.support.reward_fakes import completion

GOOD = completion("Portugal", "Lisbon", "Alfama")
# four answers: near, far, one that resolves to nothing, one without a truth
BATCH = Batch(
    parse_completions([GOOD, GOOD, "nothing", GOOD]),
    read_truth({"lat": [1.0, 1.0, 1.0, None], "lon": [1.0, 1.0, 1.0, None]}, 4),
    RewardTools(),
)
POINTS = np.array([[1.0, 1.0], [9.0, 9.0], [math.nan, math.nan], [1.0, 1.0]])
DISTANCES_KM = np.array([25.0, 1000.0, math.nan, math.nan])


def test_shares_count_what_resolves_to_nothing_as_wrong() -> None:
    assert batch_metrics(BATCH, POINTS, DISTANCES_KM) == pytest.approx(
        {
            "geo/parsed": 3 / 4,
            "geo/resolved": 3 / 4,
            "geo/median_km": 512.5,
            "geo/within_25_km": 1 / 3,
            "geo/within_200_km": 1 / 3,
            "geo/within_750_km": 1 / 3,
            "geo/within_2500_km": 2 / 3,
        }
    )


def test_without_a_known_distance_there_is_no_median() -> None:
    nowhere = np.full(4, math.nan)
    found = batch_metrics(BATCH, POINTS, nowhere)
    assert "geo/median_km" not in found
    assert found["geo/within_2500_km"] == 0.0


def test_each_number_is_logged_by_its_name_and_an_empty_batch_logs_nothing() -> None:
    logged: dict[str, float] = {}
    log_batch(logged.__setitem__, BATCH, POINTS, DISTANCES_KM)
    assert logged == batch_metrics(BATCH, POINTS, DISTANCES_KM)
    empty = Batch([], read_truth({}, 0), RewardTools())
    log_batch(pytest.fail, empty, np.zeros((0, 2)), np.zeros(0))  # type: ignore[arg-type]
    log_batch(None, BATCH, POINTS, DISTANCES_KM)
