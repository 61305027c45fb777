"""Expected reward, energy score and spread: pairs of a candidate list in registers only."""

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.binary_angle import angle, load_points
from geoagent_kernels._triton.jit import kernel, launch

CANDIDATES = 128
PAIR_BLOCK = 16


@kernel
def expected_reward_kernel(
    cand: tl.tensor,
    prob: tl.tensor,
    true: tl.tensor,
    result: tl.tensor,
    members: tl.tensor,
    rate: tl.tensor,
    cutoff_km: tl.tensor,
    radius_km: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    """[b, members, 2], [b, members], [b, 2] -> [b], one program a row."""
    b = tl.program_id(0).to(tl.int64)
    lane = tl.arange(0, BLOCK).to(tl.int64)
    truth = b + lane * 0
    lat_t, lon_t, valid_t = load_points(true, truth, truth >= 0)
    total = tl.zeros([BLOCK], tl.float32)
    for start in range(0, members, BLOCK):
        mask = start + lane < members
        row = b * members + start + lane
        lat, lon, valid = load_points(cand, row, mask)
        d = angle(lat, lon, lat_t, lon_t) * radius_km
        earned = tl.where(valid & valid_t & (d < cutoff_km), tl.exp(-d * rate), 0.0)
        total += tl.load(prob + row, mask=mask, other=0.0).to(tl.float32) * earned
    tl.store(result + b, tl.sum(total, 0))


@kernel
def load_members(
    points: tl.tensor,
    prob: tl.tensor,
    row: tl.tensor,
    mask: tl.tensor,
    EQUAL: tl.constexpr,
) -> tl.tensor:
    """Position, validity and weight of members; equally weighted ones count if valid."""
    lat, lon, valid = load_points(points, row, mask)
    if EQUAL:
        weight = valid.to(tl.float32)
    else:
        weight = tl.load(prob + row, mask=mask, other=0.0).to(tl.float32)
    return lat, lon, valid, weight


@kernel
def pair_sum(
    points: tl.tensor,
    prob: tl.tensor,
    first: tl.tensor,
    members: tl.tensor,
    EQUAL: tl.constexpr,
    BLOCK: tl.constexpr,
) -> tl.tensor:
    """`sum_ij w_i w_j angle_ij` over members of nonzero weight, tile by tile of the upper half."""
    lane = tl.arange(0, BLOCK).to(tl.int64)
    total = tl.zeros([BLOCK, BLOCK], tl.float32)
    for i in range(0, members, BLOCK):
        lat_i, lon_i, valid_i, w_i = load_members(
            points, prob, first + i + lane, i + lane < members, EQUAL
        )
        for j in range(i, members, BLOCK):
            lat_j, lon_j, valid_j, w_j = load_members(
                points, prob, first + j + lane, j + lane < members, EQUAL
            )
            d = angle(lat_i[:, None], lon_i[:, None], lat_j[None, :], lon_j[None, :])
            d = tl.where(valid_i[:, None] & valid_j[None, :], d, float("nan"))
            weight = w_i[:, None] * w_j[None, :] * tl.where(j == i, 1.0, 2.0)
            used = (w_i[:, None] != 0.0) & (w_j[None, :] != 0.0)
            total += tl.where(used, weight * d, 0.0)
    return tl.sum(tl.sum(total, 1), 0)


@kernel
def energy_score_kernel(
    cand: tl.tensor,
    prob: tl.tensor,
    true: tl.tensor,
    result: tl.tensor,
    members: tl.tensor,
    radius_km: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    """[b, members, 2], [b, members], [b, 2] -> [b] km, one program a row."""
    b = tl.program_id(0).to(tl.int64)
    lane = tl.arange(0, BLOCK).to(tl.int64)
    truth = b + lane * 0
    lat_t, lon_t, valid_t = load_points(true, truth, truth >= 0)
    # Zero, or NaN where the truth is invalid, also when no candidate counts.
    to_truth = tl.where(valid_t, 0.0, float("nan"))
    for start in range(0, members, BLOCK):
        row = b * members + start + lane
        lat, lon, valid, w = load_members(cand, prob, row, start + lane < members, False)
        d = tl.where(valid, angle(lat, lon, lat_t, lon_t), float("nan"))
        to_truth += tl.where(w != 0.0, w * d, 0.0)
    spread = pair_sum(cand, prob, b * members, members, False, BLOCK)
    tl.store(result + b, (tl.sum(to_truth, 0) - 0.5 * spread) * radius_km)


@kernel
def group_spread_kernel(
    points: tl.tensor,
    result: tl.tensor,
    members: tl.tensor,
    radius_km: tl.tensor,
    BLOCK: tl.constexpr,
) -> None:
    """[p * members, 2] -> [p] km, one program a group."""
    p = tl.program_id(0).to(tl.int64)
    lane = tl.arange(0, BLOCK).to(tl.int64)
    count = tl.zeros([BLOCK], tl.float32)
    for start in range(0, members, BLOCK):
        _, _, valid = load_points(points, p * members + start + lane, start + lane < members)
        count += valid.to(tl.float32)
    used = tl.sum(count, 0)
    total = pair_sum(points, points, p * members, members, True, BLOCK) * radius_km
    mean = total / tl.maximum(used * (used - 1.0), 1.0)
    tl.store(result + p, tl.where(used < 2.0, float("nan"), mean))


def expected_reward(
    cand: torch.Tensor,
    prob: torch.Tensor,
    true: torch.Tensor,
    tau_km: float,
    cutoff_km: float,
    radius_km: float,
) -> torch.Tensor:
    """[B, K, 2], [B, K], [B, 2] -> [B] float32."""
    rows, members = prob.shape
    result = torch.empty(rows, dtype=torch.float32, device=cand.device)
    if rows:
        launch(
            expected_reward_kernel,
            (rows,),
            cand.contiguous(),
            prob.contiguous(),
            true.contiguous(),
            result,
            members,
            1.0 / float(tau_km),
            float(cutoff_km),
            float(radius_km),
            BLOCK=CANDIDATES,
            num_warps=1,
        )
    return result


def energy_score(
    cand: torch.Tensor, prob: torch.Tensor, true: torch.Tensor, radius_km: float
) -> torch.Tensor:
    """[B, K, 2], [B, K], [B, 2] -> [B] float32 km."""
    rows, members = prob.shape
    result = torch.empty(rows, dtype=torch.float32, device=cand.device)
    if rows:
        launch(
            energy_score_kernel,
            (rows,),
            cand.contiguous(),
            prob.contiguous(),
            true.contiguous(),
            result,
            members,
            float(radius_km),
            BLOCK=PAIR_BLOCK,
            num_warps=1,
        )
    return result


def group_spread(points: torch.Tensor, group_size: int, radius_km: float) -> torch.Tensor:
    """[N, 2] -> [N / group_size] float32 km."""
    groups = points.shape[0] // group_size
    result = torch.empty(groups, dtype=torch.float32, device=points.device)
    if groups:
        launch(
            group_spread_kernel,
            (groups,),
            points.contiguous(),
            result,
            group_size,
            float(radius_km),
            BLOCK=max(2, min(PAIR_BLOCK, triton.next_power_of_2(group_size))),
            num_warps=1,
        )
    return result
