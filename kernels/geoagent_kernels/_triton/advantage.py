"""Group advantage: one program a group, any group size."""

from collections.abc import Sequence

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.jit import kernel, launch

LARGEST_BLOCK = 1024


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
def advantage_kernel(
    rewards: tl.tensor,
    advantage: tl.tensor,
    total: tl.tensor,
    group_size: tl.tensor,
    weights: tl.tensor,
    eps: tl.tensor,
    FUNCTIONS: tl.constexpr,
    SCALED: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """[n, FUNCTIONS] -> advantage [n] and weighted reward [n] (NaN where unscorable)."""
    first = tl.program_id(0).to(tl.int64) * group_size
    member = tl.arange(0, BLOCK)
    count = 0.0
    mean = 0.0
    for start in range(0, group_size, BLOCK):
        mask = start + member < group_size
        r, scored = sum_of_rewards(rewards, weights, first + start + member, mask, FUNCTIONS)
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
        # One reward alone has no deviation; its centred value is 0 whatever the scale.
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
    total = torch.empty_like(result)
    block = min(LARGEST_BLOCK, triton.next_power_of_2(group_size))
    if n:
        launch(
            advantage_kernel,
            (n // group_size,),
            rewards,
            result,
            total,
            group_size,
            tuple(float(weight) for weight in weights),
            float(eps),
            FUNCTIONS=len(weights),
            SCALED=scale == "group",
            BLOCK=block,
            num_warps=warps(block),
        )
    return result / (_batch_deviation(total) + eps) if scale == "batch" else result


def warps(block: int) -> int:
    """One warp for a usual group, four for a large one."""
    return 1 if block <= 128 else 4


def _batch_deviation(total: torch.Tensor) -> torch.Tensor:
    """Standard deviation over the whole batch, NaN left out; 0 for fewer than two numbers."""
    count = (~total.isnan()).sum()
    squares = (total - total.nanmean()).square().nansum()
    return (squares / (count - 1).clamp_min(1)).sqrt()
