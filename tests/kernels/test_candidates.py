"""Rewards and scores of several candidates a row, on both engines."""

import math

import pytest
import torch
from geoagent_kernels import Engine, energy_score, expected_reward, group_spread, spatial_reward

from tests.support.kernel_types import Both, Globe


def batch(
    globe: Globe, rows: int, members: int, dtype: torch.dtype = torch.float64
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    true = globe(rows, 30, dtype)
    cand = globe(rows * members, 31, dtype).view(rows, members, 2)
    prob = torch.rand(rows, members)
    return cand, prob / prob.sum(1, keepdim=True), true


SHAPES = pytest.mark.parametrize(
    ("rows", "members"), [(1, 1), (3, 63), (2, 70), (21, 5)], ids=lambda value: str(value)
)


@SHAPES
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["fp32", "fp64"])
def test_expected_reward(
    both: Both, globe: Globe, rows: int, members: int, dtype: torch.dtype
) -> None:
    tensors = batch(globe, rows, members, dtype)
    got, wanted = both(expected_reward, *tensors, tau_km=3000.0, cutoff_km=math.inf)
    assert (got - wanted).abs().max() < 1e-6
    assert wanted.max() > 0.01


def test_certainty_earns_the_spatial_reward(both: Both, globe: Globe) -> None:
    true = globe(40, 1)
    cand = (true + torch.randn(40, 2)).clamp(-90, 90)[:, None]
    got, _ = both(expected_reward, cand, torch.ones(40, 1), true)
    assert (got - spatial_reward(cand[:, 0], true, engine="reference").reward).abs().max() < 1e-6


def test_invalid_candidates_and_truths_earn_nothing(both: Both, globe: Globe) -> None:
    cand, prob, true = batch(globe, 3, 4)
    cand[:] = true[:, None]
    cand[0, 1] = math.nan
    true[2, 0] = 90.1
    got, wanted = both(expected_reward, cand, prob, true)
    assert got.tolist() == pytest.approx([1 - prob[0, 1].item(), 1.0, 0.0], abs=1e-6)
    assert wanted.tolist() == pytest.approx(got.tolist(), abs=1e-6)


@SHAPES
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["fp32", "fp64"])
def test_energy_score(
    both: Both, globe: Globe, rows: int, members: int, dtype: torch.dtype
) -> None:
    got, wanted = both(energy_score, *batch(globe, rows, members, dtype))
    assert (got - wanted).abs().max() < 0.01  # km of up to 20,000: float32 sums


def test_certainty_at_the_truth_scores_zero_and_elsewhere_its_distance(both: Both) -> None:
    true = torch.tensor([[10.0, 20.0], [10.0, 20.0]], dtype=torch.float64)
    cand = torch.tensor([[[10.0, 20.0]], [[10.0, 21.0]]], dtype=torch.float64)
    for result in both(energy_score, cand, torch.ones(2, 1), true):
        assert result[0] == 0
        assert result[1].item() == pytest.approx(109.505, abs=1e-2)


def test_an_honest_distribution_scores_best(both: Both) -> None:
    places = torch.tensor([[0.0, 0.0], [0.0, 40.0], [30.0, -60.0]], dtype=torch.float64)
    belief = torch.tensor([0.5, 0.3, 0.2])
    told = torch.tensor([[0.5, 0.3, 0.2], [0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [0.3, 0.3, 0.4]])
    cand = places.expand(12, 3, 2)
    prob = told.repeat_interleave(3, 0)
    for score in both(energy_score, cand, prob, places.repeat(4, 1)):
        mean = (score.view(4, 3) * belief).sum(1)
        assert mean.argmin() == 0


def test_padding_does_not_count_and_invalid_candidates_show(both: Both, globe: Globe) -> None:
    cand, prob, true = batch(globe, 4, 20)
    padded = torch.cat((cand, torch.full((4, 13, 2), math.nan, dtype=torch.float64)), 1)
    weight = torch.cat((prob, torch.zeros(4, 13)), 1)
    got, wanted = both(energy_score, padded, weight, true)
    plain, _ = both(energy_score, cand, prob, true)
    assert (got - plain).abs().max() < 0.01
    assert (got - wanted).abs().max() < 0.01
    cand[1, 3] = math.nan
    true[2, 1] = 181.0
    for result in both(energy_score, cand, prob, true):
        assert result.isnan().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("groups", "group_size"), [(1, 1), (9, 2), (7, 8), (3, 63), (1, 150)], ids=lambda v: str(v)
)
def test_group_spread(both: Both, globe: Globe, groups: int, group_size: int) -> None:
    got, wanted = both(group_spread, globe(groups * group_size, 32), group_size)
    assert torch.equal(got.isnan(), wanted.isnan())
    assert (got - wanted).abs().nan_to_num(0.0).max() < 0.01


def test_spread_of_two_is_their_distance_and_of_one_place_zero(both: Both) -> None:
    points = torch.tensor([[0.0, 0.0], [0.0, 1.0], [5.0, 5.0], [5.0, 5.0]], dtype=torch.float64)
    for result in both(group_spread, points, 2):
        assert result.tolist() == pytest.approx([111.195, 0.0], abs=1e-3)


def test_invalid_members_are_left_out_of_the_spread(both: Both) -> None:
    nan = math.nan
    points = torch.tensor(
        [[0.0, 0.0], [nan, 0.0], [0.0, 1.0], [0.0, 0.0], [91.0, 0.0], [0.0, nan]],
        dtype=torch.float64,
    )
    for result in both(group_spread, points, 3):
        assert result[0].item() == pytest.approx(111.195, abs=1e-3)
        assert result[1].isnan()


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_empty_batches(device: torch.device, engine: Engine) -> None:
    cand, prob = torch.zeros(0, 4, 2, device=device), torch.zeros(0, 4, device=device)
    true = torch.zeros(0, 2, device=device)
    assert expected_reward(cand, prob, true, engine=engine).shape == (0,)
    assert energy_score(cand, prob, true, engine=engine).shape == (0,)
    assert group_spread(true, 4, engine=engine).shape == (0,)


def test_strided_views(both: Both, globe: Globe) -> None:
    cand, prob, true = batch(globe, 6, 10)
    wanted = energy_score(cand, prob, true, engine="reference")
    got, _ = both(
        energy_score,
        cand.transpose(0, 1).contiguous().transpose(0, 1),
        prob.repeat(1, 2)[:, 10:],
        true.T.contiguous().T,
    )
    assert (got - wanted).abs().max() < 0.01
