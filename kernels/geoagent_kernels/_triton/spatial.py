"""Distance and spatial reward of pairs of points: 25 bytes a pair, one pass."""

from collections.abc import Sequence

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.binary_angle import angle, load_points
from geoagent_kernels._triton.jit import kernel, launch

BLOCK = 512


@kernel
def pair_distance(
    pred: tl.tensor,
    true: tl.tensor,
    rows: tl.tensor,
    target_rows: tl.tensor,
    mask: tl.tensor,
    radius_km: tl.tensor,
) -> tl.tensor:
    """Kilometres between rows of two [n, 2] arrays (some number if invalid), and validity."""
    lat_a, lon_a, valid_a = load_points(pred, rows, mask)
    lat_b, lon_b, valid_b = load_points(true, target_rows, mask)
    return angle(lat_a, lon_a, lat_b, lon_b) * radius_km, valid_a & valid_b


@kernel
def distance_kernel(
    a: tl.tensor,
    b: tl.tensor,
    distance: tl.tensor,
    n: tl.tensor,
    radius_km: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    """[n, 2], [n, 2] -> [n]."""
    rows = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = rows < n
    d, valid = pair_distance(a, b, rows, rows, mask, radius_km)
    tl.store(distance + rows, tl.where(valid, d, float("nan")), mask=mask)


@kernel
def reward_kernel(
    pred: tl.tensor,
    true: tl.tensor,
    reward: tl.tensor,
    distance: tl.tensor,
    validity: tl.tensor,
    n: tl.tensor,
    rates: tl.tensor,
    weights: tl.tensor,
    cutoff_km: tl.tensor,
    radius_km: tl.tensor,
    GROUP: tl.constexpr,
    SCALES: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """[n, 2], [n / GROUP, 2] -> three arrays [n]; rates[k] = 1 / tau_k."""
    rows = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    mask = rows < n
    d, valid = pair_distance(pred, true, rows, rows // GROUP, mask, radius_km)
    r = weights[0] * tl.exp(-d * rates[0])
    for k in tl.static_range(1, SCALES):
        r += weights[k] * tl.exp(-d * rates[k])
    tl.store(reward + rows, tl.where(valid & (d < cutoff_km), r, 0.0), mask=mask)
    tl.store(distance + rows, tl.where(valid, d, float("nan")), mask=mask)
    tl.store(validity + rows, valid.to(tl.uint8), mask=mask)


def distance(a: torch.Tensor, b: torch.Tensor, radius_km: float) -> torch.Tensor:
    """[N, 2], [N, 2] -> [N] float32 kilometres."""
    n = a.shape[0]
    result = torch.empty(n, dtype=torch.float32, device=a.device)
    if n:
        grid = (triton.cdiv(n, BLOCK),)
        launch(
            distance_kernel,
            grid,
            a.contiguous(),
            b.contiguous(),
            result,
            n,
            float(radius_km),
            BLOCK=BLOCK,
        )
    return result


def reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    group: int,
    taus_km: Sequence[float],
    weights: Sequence[float],
    cutoff_km: float,
    radius_km: float,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """[N, 2], [N / group, 2] -> reward, distance (float32) and validity (bool), each [N]."""
    n = pred.shape[0]
    rewards = torch.empty(n, dtype=torch.float32, device=pred.device)
    distances = torch.empty_like(rewards)
    validity = torch.empty(n, dtype=torch.uint8, device=pred.device)
    if n:
        launch(
            reward_kernel,
            (triton.cdiv(n, BLOCK),),
            pred.contiguous(),
            true.contiguous(),
            rewards,
            distances,
            validity,
            n,
            tuple(1.0 / float(tau_km) for tau_km in taus_km),
            tuple(float(weight) for weight in weights),
            float(cutoff_km),
            float(radius_km),
            GROUP=group,
            SCALES=len(taus_km),
            BLOCK=BLOCK,
        )
    return rewards, distances, validity.view(torch.bool)
