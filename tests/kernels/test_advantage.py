"""Group advantages: as TRL's, on both engines."""

import math
from collections.abc import Sequence

import pytest
import torch
from geoagent_kernels import AdvantageScale, Engine, group_advantage

from tests.support.kernel_types import Both


def trl(
    rewards: torch.Tensor,
    group_size: int,
    weights: Sequence[float],
    scale: AdvantageScale,
    eps: float = 1e-4,
) -> torch.Tensor:
    """What TRL's trainer does with a table of rewards, written down from its documented steps."""
    total = (rewards * torch.tensor(weights, dtype=torch.float64)).nansum(1)
    total[rewards.isnan().all(1)] = math.nan
    groups = total.view(-1, group_size)
    advantage = (groups - groups.nanmean(1, keepdim=True)).flatten()

    def deviation(values: torch.Tensor) -> torch.Tensor:
        numbers = values[~values.isnan()]
        return numbers.std(correction=1) if len(numbers) > 1 else torch.tensor(0.0)

    if scale == "group":
        std = torch.stack([deviation(row) for row in groups]).repeat_interleave(group_size)
        advantage = advantage / (std + eps)
    if scale == "batch":
        advantage = advantage / (deviation(total) + eps)
    return advantage.nan_to_num(0.0)


def table(rows: int, functions: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    rewards = torch.rand(rows, functions, generator=generator)
    return rewards.masked_fill(torch.rand(rows, functions, generator=generator) < 0.2, math.nan)


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
@pytest.mark.parametrize(
    ("groups", "group_size", "functions"),
    [(1, 1, 1), (8, 8, 1), (9, 7, 3), (4, 63, 2), (1, 1000, 1), (2, 1500, 2)],
    ids=lambda value: str(value),
)
def test_equal_to_trl(
    both: Both, scale: AdvantageScale, groups: int, group_size: int, functions: int
) -> None:
    rewards = table(groups * group_size, functions)
    weights = (1.0, 0.5, 2.0)[:functions]
    got, reference = both(group_advantage, rewards, group_size, weights=weights, scale=scale)
    wanted = trl(rewards.double(), group_size, weights, scale)
    assert (got - wanted).abs().max() < 1e-5
    assert (reference - wanted).abs().max() < 1e-6


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_unscorable_completions(both: Both, scale: AdvantageScale) -> None:
    rewards = torch.tensor([1.0, math.nan, 3.0, math.nan, math.nan, math.nan, 5.0, math.nan, 2.0])
    for result in both(group_advantage, rewards, 3, scale=scale):
        assert not result.isnan().any()
        assert result[[1, 3, 4, 5, 7]].tolist() == [0.0] * 5  # unscorable: no advantage
        assert result[0] == -result[2] != 0
        assert result[6] == -result[8] != 0


@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_one_scorable_completion_has_no_advantage(both: Both, scale: AdvantageScale) -> None:
    rewards = torch.tensor([math.nan, 7.0, math.nan])
    for result in both(group_advantage, rewards, 3, scale=scale):
        assert result.tolist() == [0.0, 0.0, 0.0]


def test_equal_rewards_have_no_advantage(both: Both) -> None:
    for result in both(group_advantage, torch.full((8,), 0.3), 4):
        assert result.abs().max() < 1e-3  # 0.3 has no exact mean in float32


def test_bessel_and_eps_by_hand(both: Both) -> None:
    for result in both(group_advantage, torch.tensor([1.0, 3.0]), 2):
        assert result.tolist() == pytest.approx(
            [-1 / (math.sqrt(2) + 1e-4), 1 / (math.sqrt(2) + 1e-4)]
        )
    for result in both(group_advantage, torch.tensor([1.0, 3.0]), 2, eps=1.0):
        assert result[1].item() == pytest.approx(1 / (math.sqrt(2) + 1))


def test_one_column_is_one_function(both: Both) -> None:
    rewards = torch.rand(12)
    got, _ = both(group_advantage, rewards, 4)
    column, _ = both(group_advantage, rewards[:, None], 4)
    assert torch.equal(got, column)


def test_strided_and_double_rewards(both: Both) -> None:
    rewards = torch.rand(12, 6, dtype=torch.float64)
    got, wanted = both(group_advantage, rewards[:, ::2], 4)
    assert (got - wanted).abs().max() < 1e-5
    assert (
        got - group_advantage(rewards[:, ::2].float(), 4, engine="reference")
    ).abs().max() < 1e-5


@pytest.mark.parametrize("engine", ["triton", "reference"])
@pytest.mark.parametrize("scale", ["group", "batch", "none"])
def test_empty_batch(device: torch.device, engine: Engine, scale: AdvantageScale) -> None:
    none = torch.zeros(0, device=device)
    assert group_advantage(none, 4, scale=scale, engine=engine).shape == (0,)
