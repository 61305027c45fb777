"""A reward over several decay lengths, and the way from one set of weights to another."""

import math
import pickle

import pytest
import torch
from geoagent_kernels import SpatialScales, linear_schedule, multiscale_reward

HERE = torch.tensor([[0.0, 0.0]], dtype=torch.float64)
ONE_DEGREE_EAST = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
DEGREE_KM = 6371.0 * math.pi / 180.0
COARSE = SpatialScales((25.0, 2000.0), (0.0, 1.0))
FINE = SpatialScales((25.0, 2000.0), (1.0, 0.0))


def test_the_reward_is_the_weighted_sum_of_the_decays() -> None:
    scales = SpatialScales((DEGREE_KM, DEGREE_KM / 2.0), (0.25, 0.75))
    found = multiscale_reward(
        HERE, ONE_DEGREE_EAST, scales=scales, radius_km=6371.0, engine="reference"
    )
    assert float(found.distance_km) == pytest.approx(DEGREE_KM)
    assert float(found.reward) == pytest.approx(0.25 * math.exp(-1) + 0.75 * math.exp(-2))


def test_beyond_the_cut_off_nothing_is_earned() -> None:
    def reward(cutoff_km: float) -> float:
        scored = multiscale_reward(
            HERE, ONE_DEGREE_EAST, scales=COARSE, cutoff_km=cutoff_km, engine="reference"
        )
        return float(scored.reward)

    assert reward(DEGREE_KM + 1.0) > 0.9
    assert reward(DEGREE_KM - 1.0) == 0.0


def test_a_schedule_moves_the_weights_in_a_straight_line() -> None:
    schedule = linear_schedule(COARSE, FINE)
    assert (schedule(0.0), schedule(1.0)) == (COARSE, FINE)
    assert schedule(0.25) == SpatialScales((25.0, 2000.0), (0.25, 0.75))
    assert pickle.loads(pickle.dumps(schedule)) == schedule


@pytest.mark.parametrize("progress", [None, -0.1, 1.1, math.nan])
def test_a_schedule_needs_its_progress(progress: float | None) -> None:
    with pytest.raises(ValueError, match=r"progress must be in 0\.\.1"):
        multiscale_reward(HERE, HERE, scales=linear_schedule(COARSE, FINE), progress=progress)


def test_scales_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one decay length"):
        SpatialScales((), ())
    with pytest.raises(ValueError, match="taus_km must be a positive number, got 0"):
        SpatialScales((0.0,), (1.0,))
    with pytest.raises(ValueError, match="weights must hold 1 numbers, got 2"):
        SpatialScales((5.0,), (1.0, 2.0))
    with pytest.raises(ValueError, match="end must have the decay lengths of start"):
        linear_schedule(COARSE, SpatialScales((25.0,), (1.0,)))
