"""Spatial and semantic reward and further terms of a row, in one launch."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.jit import kernel, launch
from geoagent_kernels._triton.semantic import dense_rows, similarity_with_gates
from geoagent_kernels._triton.spatial import pair_distance

ROWS = 8
COLUMNS = 128


class Numbers(NamedTuple):
    """The constants of the reward."""

    tau_km: float
    cutoff_km: float
    radius_km: float
    gates: tuple[float, float]
    level_weights: tuple[float, float, float]
    spatial_weight: float
    semantic_weight: float


@kernel
def geo_similarity_kernel(
    pred: tl.tensor,
    true: tl.tensor,
    pred_emb: tl.tensor,
    true_emb: tl.tensor,
    present: tl.tensor,
    extra: tl.tensor,
    total: tl.tensor,
    spatial: tl.tensor,
    semantic: tl.tensor,
    n: tl.tensor,
    width: tl.tensor,
    pred_row: tl.tensor,
    pred_level: tl.tensor,
    true_row: tl.tensor,
    true_level: tl.tensor,
    rate: tl.tensor,
    cutoff_km: tl.tensor,
    radius_km: tl.tensor,
    gates: tl.tensor,
    level_weights: tl.tensor,
    spatial_weight: tl.tensor,
    semantic_weight: tl.tensor,
    extra_weights: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    EXTRA: tl.constexpr,
    GROUP: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """[n, 2] and [n, 3, width] against [n / GROUP, ...], [n, EXTRA] -> three arrays [n]."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    mask = rows < n
    d, valid = pair_distance(pred, true, rows, rows // GROUP, mask, radius_km)
    r_spatial = tl.where(valid & (d < cutoff_km), tl.exp(-d * rate), 0.0)
    r_semantic = similarity_with_gates(
        pred_emb,
        true_emb,
        present,
        rows,
        rows // GROUP,
        mask,
        width,
        pred_row,
        pred_level,
        true_row,
        true_level,
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
    tl.store(total + rows, r, mask=mask)
    tl.store(spatial + rows, r_spatial, mask=mask)
    tl.store(semantic + rows, r_semantic, mask=mask)


def reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    pred_emb: torch.Tensor,
    true_emb: torch.Tensor,
    present: torch.Tensor,
    extra: torch.Tensor | None,
    extra_weights: Sequence[float],
    numbers: Numbers,
    gate: str,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return total, spatial and semantic reward, each [N] float32."""
    pred_emb, true_emb = dense_rows(pred_emb), dense_rows(true_emb)
    n, _, width = pred_emb.shape
    total = torch.empty(n, dtype=torch.float32, device=pred.device)
    spatial, semantic = torch.empty_like(total), torch.empty_like(total)
    if n:
        launch(
            geo_similarity_kernel,
            (triton.cdiv(n, ROWS),),
            pred.contiguous(),
            true.contiguous(),
            pred_emb,
            true_emb,
            present.contiguous(),
            total if extra is None else extra.contiguous(),
            total,
            spatial,
            semantic,
            n,
            width,
            *pred_emb.stride()[:2],
            *true_emb.stride()[:2],
            1.0 / float(numbers.tau_km),
            float(numbers.cutoff_km),
            float(numbers.radius_km),
            tuple(float(value) for value in numbers.gates),
            tuple(float(value) for value in numbers.level_weights),
            float(numbers.spatial_weight),
            float(numbers.semantic_weight),
            tuple(float(value) for value in extra_weights),
            ZERO_BELOW_GATE=gate == "zero",
            EXTRA=len(extra_weights),
            GROUP=n // true.shape[0],
            ROWS=ROWS,
            COLUMNS=COLUMNS,
        )
    return total, spatial, semantic
