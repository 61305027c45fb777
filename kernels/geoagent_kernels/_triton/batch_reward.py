"""A whole GRPO batch in one launch: rewards, distances and advantages, texts by id."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.advantage import advantage, advantage_in_group
from geoagent_kernels._triton.geo_similarity import Numbers
from geoagent_kernels._triton.jit import kernel, launch
from geoagent_kernels._triton.semantic import dense_rows, share_of_level, unit_cosine
from geoagent_kernels._triton.spatial import pair_distance

MAX_FUSED_GROUP = 64
"""Larger groups take a second launch for their advantages."""

MIN_ROWS = 8
NUMBERS_PER_TILE = 1024
"""Numbers of an embedding that a block of threads holds at once, over all its rows."""

OUTPUTS = 5
"""Total, spatial, semantic, distance, advantage."""


class Tile(NamedTuple):
    """How a block of threads covers rows: `groups` times `padded` rows, `columns` at a time."""

    group: int
    padded: int
    groups: int
    columns: int


def tile(group: int) -> Tile:
    """Return the tile for groups of a size; a group that is too large is taken row by row."""
    fused = group if group <= MAX_FUSED_GROUP else 1
    padded = triton.next_power_of_2(fused)
    groups = max(1, MIN_ROWS // padded)
    return Tile(fused, padded, groups, max(16, NUMBERS_PER_TILE // (groups * padded)))


@kernel
def similarity_by_id(
    table: tl.tensor,
    pred_ids: tl.tensor,
    true_ids: tl.tensor,
    rows: tl.tensor,
    target_rows: tl.tensor,
    mask: tl.tensor,
    width: tl.tensor,
    stride: tl.tensor,
    gates: tl.tensor,
    weights: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> tl.tensor:
    """[ROWS] sum of the levels that the gates leave open; a text below id 0 is not there."""
    result = tl.zeros([ROWS], tl.float32)
    still_open = mask
    for level in tl.static_range(3):
        p = tl.load(pred_ids + (rows * 3 + level), mask=mask, other=-1).to(tl.int64)
        t = tl.load(true_ids + (target_rows * 3 + level), mask=mask, other=-1).to(tl.int64)
        there = still_open & (p >= 0) & (t >= 0)
        s = unit_cosine(table + p * stride, table + t * stride, there, width, ROWS, COLUMNS)
        share, still_open = share_of_level(s, still_open, gates, weights, level, ZERO_BELOW_GATE)
        result += share
    return result


@kernel
def batch_reward_kernel(
    pred: tl.tensor,
    true: tl.tensor,
    table: tl.tensor,
    pred_ids: tl.tensor,
    true_ids: tl.tensor,
    extra: tl.tensor,
    result: tl.tensor,
    n: tl.tensor,
    width: tl.tensor,
    stride: tl.tensor,
    rate: tl.tensor,
    cutoff_km: tl.tensor,
    radius_km: tl.tensor,
    gates: tl.tensor,
    level_weights: tl.tensor,
    spatial_weight: tl.tensor,
    semantic_weight: tl.tensor,
    extra_weights: tl.tensor,
    eps: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    SCALED: tl.constexpr,
    EXTRA: tl.constexpr,
    SHARED: tl.constexpr,
    GROUP: tl.constexpr,
    PADDED: tl.constexpr,
    GROUPS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """[n, 2], [n, 3] against [n / SHARED, ...], [n, EXTRA] -> result [5, n]."""
    ROWS: tl.constexpr = GROUPS * PADDED
    slot = tl.arange(0, ROWS)
    member = slot % PADDED
    group = tl.program_id(0).to(tl.int64) * GROUPS + slot // PADDED
    rows = group * GROUP + member
    mask = (member < GROUP) & (rows < n)
    d, valid = pair_distance(pred, true, rows, rows // SHARED, mask, radius_km)
    r_spatial = tl.where(valid & (d < cutoff_km), tl.exp(-d * rate), 0.0)
    r_semantic = similarity_by_id(
        table,
        pred_ids,
        true_ids,
        rows,
        rows // SHARED,
        mask,
        width,
        stride,
        gates,
        level_weights,
        ZERO_BELOW_GATE,
        ROWS,
        COLUMNS,
    )
    r = spatial_weight * r_spatial + semantic_weight * r_semantic
    for e in tl.static_range(EXTRA):
        term = tl.load(extra + (rows * EXTRA + e), mask=mask, other=0.0).to(tl.float32)
        r += tl.where(term == term, extra_weights[e] * term, 0.0)
    scored = tl.reshape(mask & (r == r), [GROUPS, PADDED])
    centred = advantage_in_group(tl.reshape(r, [GROUPS, PADDED]), scored, eps, SCALED)
    size = rows * 0 + n  # in int64, whatever the type of n
    tl.store(result + rows, r, mask=mask)
    tl.store(result + (size + rows), r_spatial, mask=mask)
    tl.store(result + (2 * size + rows), r_semantic, mask=mask)
    tl.store(result + (3 * size + rows), tl.where(valid, d, float("nan")), mask=mask)
    tl.store(result + (4 * size + rows), tl.reshape(centred, [ROWS]), mask=mask)


@kernel
def semantic_by_id_kernel(
    table: tl.tensor,
    pred_ids: tl.tensor,
    true_ids: tl.tensor,
    reward: tl.tensor,
    n: tl.tensor,
    width: tl.tensor,
    stride: tl.tensor,
    gates: tl.tensor,
    weights: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    SHARED: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """[u, width], [n, 3], [n / SHARED, 3] -> [n]."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    mask = rows < n
    result = similarity_by_id(
        table,
        pred_ids,
        true_ids,
        rows,
        rows // SHARED,
        mask,
        width,
        stride,
        gates,
        weights,
        ZERO_BELOW_GATE,
        ROWS,
        COLUMNS,
    )
    tl.store(reward + rows, result, mask=mask)


def reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
    extra: torch.Tensor | None,
    extra_weights: Sequence[float],
    numbers: Numbers,
    gate: str,
    scale: str,
    eps: float,
) -> torch.Tensor:
    """Return total, spatial, semantic, distance and advantage, [5, N] float32."""
    table = dense_rows(table)
    n = pred.shape[0]
    result = torch.empty(OUTPUTS, n, dtype=torch.float32, device=pred.device)
    if not n:
        return result
    shared = n // true.shape[0]
    shape = tile(shared)
    launch(
        batch_reward_kernel,
        (triton.cdiv(n // shape.group, shape.groups),),
        pred.contiguous(),
        true.contiguous(),
        table,
        pred_ids.contiguous(),
        true_ids.contiguous(),
        result if extra is None else extra.contiguous(),
        result,
        n,
        table.shape[1],
        table.stride(0),
        1.0 / float(numbers.tau_km),
        float(numbers.cutoff_km),
        float(numbers.radius_km),
        tuple(float(value) for value in numbers.gates),
        tuple(float(value) for value in numbers.level_weights),
        float(numbers.spatial_weight),
        float(numbers.semantic_weight),
        tuple(float(value) for value in extra_weights),
        float(eps),
        ZERO_BELOW_GATE=gate == "zero",
        SCALED=scale == "group",
        EXTRA=len(extra_weights),
        SHARED=shared,
        GROUP=shape.group,
        PADDED=shape.padded,
        GROUPS=shape.groups,
        COLUMNS=shape.columns,
    )
    if shared != shape.group:
        result[4] = advantage(result[0, :, None], shared, (1.0,), scale, eps)
    return result


def semantic_reward(
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
    gates: tuple[float, float],
    weights: tuple[float, float, float],
    zero_below_gate: bool,
) -> torch.Tensor:
    """[U, D], [N, 3], [P, 3] -> [N] float32."""
    table = dense_rows(table)
    n = pred_ids.shape[0]
    result = torch.empty(n, dtype=torch.float32, device=table.device)
    if n:
        launch(
            semantic_by_id_kernel,
            (triton.cdiv(n, MIN_ROWS),),
            table,
            pred_ids.contiguous(),
            true_ids.contiguous(),
            result,
            n,
            table.shape[1],
            table.stride(0),
            tuple(float(value) for value in gates),
            tuple(float(value) for value in weights),
            ZERO_BELOW_GATE=zero_below_gate,
            SHARED=n // true_ids.shape[0],
            ROWS=MIN_ROWS,
            COLUMNS=NUMBERS_PER_TILE // MIN_ROWS,
        )
    return result
