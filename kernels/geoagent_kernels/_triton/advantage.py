"""Group advantage: many small groups a program, or one large group a program in several passes."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.jit import kernel, launch

NUMBERS_PER_TILE = 1024
"""Rewards that a program holds at once; a larger group is read three times."""


class Tile(NamedTuple):
    """How a program covers rows: `groups` groups, each filled up to `padded` rows."""

    groups: int
    padded: int


def tile(group: int) -> Tile:
    """Return the tile for groups of a size that fits in one."""
    padded = triton.next_power_of_2(group)
    return Tile(NUMBERS_PER_TILE // padded, padded)


@kernel
def sum_of_rewards(
    rewards: tl.tensor,
    weights: tl.tensor,
    rows: tl.tensor,
    mask: tl.tensor,
    FUNCTIONS: tl.constexpr,
) -> tl.tensor:
    """Weighted sum of the rewards of a row that are not NaN (0 if none), and if there is one."""
    total = rows.to(tl.float32) * 0.0
    scored = rows < 0
    for f in tl.static_range(FUNCTIONS):
        r = tl.load(rewards + (rows * FUNCTIONS + f), mask=mask, other=float("nan")).to(tl.float32)
        number = r == r
        total += tl.where(number, weights[f] * r, 0.0)
        scored = scored | number
    return total, scored


@kernel
def advantage_in_group(
    r: tl.tensor, scored: tl.tensor, eps: tl.tensor, SCALED: tl.constexpr
) -> tl.tensor:
    """[groups, members] rewards, and which of them count -> advantages; 0 where one does not."""
    count = tl.sum(scored.to(tl.float32), 1)
    mean = tl.sum(tl.where(scored, r, 0.0), 1) / tl.maximum(count, 1.0)
    centred = tl.where(scored, r - mean[:, None], 0.0)
    if SCALED:
        # One reward alone has no deviation; its centred value is 0 whatever the scale.
        spread = tl.sqrt(tl.sum(centred * centred, 1) / tl.maximum(count - 1.0, 1.0))
        centred = centred * (1.0 / (spread + eps))[:, None]
    return centred


@kernel
def advantage_kernel(
    rewards: tl.tensor,
    advantage: tl.tensor,
    total: tl.tensor,
    n: tl.tensor,
    weights: tl.tensor,
    eps: tl.tensor,
    FUNCTIONS: tl.constexpr,
    SCALED: tl.constexpr,
    TOTAL: tl.constexpr,
    GROUP: tl.constexpr,
    GROUPS: tl.constexpr,
    PADDED: tl.constexpr,
) -> None:
    """[n, FUNCTIONS] -> advantage [n] and, if TOTAL, weighted reward [n] (NaN: unscorable)."""
    group = tl.program_id(0).to(tl.int64) * GROUPS + tl.arange(0, GROUPS)
    member = tl.arange(0, PADDED)
    rows = group[:, None] * GROUP + member[None, :]
    mask = (member < GROUP)[None, :] & (rows < n)
    r, scored = sum_of_rewards(rewards, weights, rows, mask, FUNCTIONS)
    if TOTAL:
        tl.store(total + rows, tl.where(scored, r, float("nan")), mask=mask)
    tl.store(advantage + rows, advantage_in_group(r, scored, eps, SCALED), mask=mask)


@kernel
def long_advantage_kernel(
    rewards: tl.tensor,
    advantage: tl.tensor,
    total: tl.tensor,
    group_size: tl.tensor,
    weights: tl.tensor,
    eps: tl.tensor,
    FUNCTIONS: tl.constexpr,
    SCALED: tl.constexpr,
    TOTAL: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """The same for groups of any size, one a program."""
    first = tl.program_id(0).to(tl.int64) * group_size
    member = tl.arange(0, BLOCK)
    count = 0.0
    mean = 0.0
    for start in range(0, group_size, BLOCK):
        mask = start + member < group_size
        r, scored = sum_of_rewards(rewards, weights, first + start + member, mask, FUNCTIONS)
        if TOTAL:
            tl.store(total + (first + start + member), tl.where(scored, r, float("nan")), mask=mask)
        count += tl.sum(scored.to(tl.float32), 0)
        mean += tl.sum(tl.where(scored, r, 0.0), 0)
    mean = mean / tl.maximum(count, 1.0)
    squares = 0.0
    for start in range(0, group_size, BLOCK):
        mask = start + member < group_size
        r, scored = sum_of_rewards(rewards, weights, first + start + member, mask, FUNCTIONS)
        centred = tl.where(scored, r - mean, 0.0)
        squares += tl.sum(centred * centred, 0)
    scale = 1.0
    if SCALED:
        scale = 1.0 / (tl.sqrt(squares / tl.maximum(count - 1.0, 1.0)) + eps)
    for start in range(0, group_size, BLOCK):
        mask = start + member < group_size
        r, scored = sum_of_rewards(rewards, weights, first + start + member, mask, FUNCTIONS)
        centred = tl.where(scored, r - mean, 0.0) * scale
        tl.store(advantage + (first + start + member), centred, mask=mask)


def advantage(
    rewards: torch.Tensor, group_size: int, weights: Sequence[float], scale: str, eps: float
) -> torch.Tensor:
    """[N, R] -> [N] float32."""
    rewards = rewards.contiguous()
    n = rewards.shape[0]
    result = torch.empty(n, dtype=torch.float32, device=rewards.device)
    total = torch.empty_like(result) if scale == "batch" else result
    if n:
        _launch_for_size(rewards, result, total, group_size, weights, scale, eps)
    return result / (_batch_deviation(total) + eps) if scale == "batch" else result


def _launch_for_size(
    rewards: torch.Tensor,
    result: torch.Tensor,
    total: torch.Tensor,
    group_size: int,
    weights: Sequence[float],
    scale: str,
    eps: float,
) -> None:
    groups = rewards.shape[0] // group_size
    buffers = (rewards, result, total)
    numbers = (tuple(float(weight) for weight in weights), float(eps))
    kind = {"FUNCTIONS": len(weights), "SCALED": scale == "group", "TOTAL": scale == "batch"}
    if group_size > NUMBERS_PER_TILE:
        kind["BLOCK"] = NUMBERS_PER_TILE
        launch(long_advantage_kernel, (groups,), *buffers, group_size, *numbers, **kind)
        return
    shape = tile(group_size)
    kind |= {"GROUP": group_size, "GROUPS": shape.groups, "PADDED": shape.padded}
    grid = (triton.cdiv(groups, shape.groups),)
    launch(advantage_kernel, grid, *buffers, rewards.shape[0], *numbers, **kind)


def _batch_deviation(total: torch.Tensor) -> torch.Tensor:
    """Standard deviation over the whole batch, NaN left out; 0 for fewer than two numbers."""
    count = (~total.isnan()).sum()
    squares = (total - total.nanmean()).square().nansum()
    return (squares / (count - 1).clamp_min(1)).sqrt()
