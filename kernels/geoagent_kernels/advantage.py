"""GRPO advantages, equal to those TRL computes."""

from collections.abc import Sequence
from typing import Literal, get_args

import torch

from geoagent_kernels import _cpu
from geoagent_kernels._checks import (
    check_finite,
    check_group_size,
    check_numbers,
    check_positive,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op

AdvantageScale = Literal["group", "batch", "none"]
"""Divide by the deviation of the group, of the whole batch, or not at all."""


@as_graph_op(lambda rewards, **_: (rewards.new_empty(rewards.shape[0], dtype=torch.float32),))
@torch.no_grad()
def group_advantage(
    rewards: torch.Tensor,
    group_size: int,
    *,
    weights: Sequence[float] | None = None,
    scale: AdvantageScale = "group",
    eps: float = 1e-4,
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return `(r - mean_group) / (std + eps)` for each completion, [N] float32.

    Equal to TRL's `GRPOTrainer`: rewards of several functions are weighted and summed, NaN (an
    unscorable reward) is left out of every sum, mean and deviation, the deviation has Bessel's
    correction, and a completion without any reward gets 0.

    Args:
        rewards: [N], or [N, R] for R reward functions; groups are consecutive rows.
        group_size: completions per prompt; divides N.
        weights: R weights, 1 each by default.
        scale: what to divide by.
        eps: added to the deviation.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    several = isinstance(rewards, torch.Tensor) and rewards.dim() == 2
    check_numbers("rewards", rewards, (None, None) if several else (None,))
    check_group_size("rewards", rewards.shape[0], group_size)
    check_positive("eps", eps)
    if scale not in get_args(AdvantageScale):
        raise ValueError(f"scale must be one of {get_args(AdvantageScale)}, got {scale!r}")
    table = rewards if several else rewards[:, None]
    factors = (1.0,) * table.shape[1] if weights is None else tuple(weights)
    check_finite("weights", factors, table.shape[1])
    if uses_triton(engine, rewards=rewards):
        from geoagent_kernels._triton import advantage

        return advantage.advantage(table, group_size, factors, scale, eps)
    return _cpu.group_advantage(table, group_size, weights=factors, scale=scale, eps=eps).float()
