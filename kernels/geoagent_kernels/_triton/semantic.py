"""Gated three-level cosine; a closed level of a row is not read from memory."""

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.jit import kernel, launch

COLUMNS = 128


def rows_per_program(dtype: torch.dtype) -> int:
    """Rows of a program: as many as its 128 threads read with 16 bytes each."""
    return 4 if dtype == torch.float32 else 8


@kernel
def unit_cosine(
    pred: tl.tensor,
    true: tl.tensor,
    open_rows: tl.tensor,
    width: tl.tensor,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> tl.tensor:
    """Cosine of row pairs at two [ROWS] pointers, clipped to 0..1; closed rows give 0.

    Where all rows are closed nothing is read and nothing multiplied.
    """
    cosine = tl.zeros([ROWS], tl.float32)
    if tl.max(open_rows.to(tl.int32), 0) > 0:
        dot = tl.zeros([ROWS, COLUMNS], tl.float32)
        square_p = tl.zeros([ROWS, COLUMNS], tl.float32)
        square_t = tl.zeros([ROWS, COLUMNS], tl.float32)
        for start in range(0, width, COLUMNS):
            column = start + tl.arange(0, COLUMNS).to(tl.int64)
            mask = open_rows[:, None] & (column < width)[None, :]
            p = tl.load(pred[:, None] + column[None, :], mask=mask, other=0.0).to(tl.float32)
            t = tl.load(true[:, None] + column[None, :], mask=mask, other=0.0).to(tl.float32)
            dot += p * t
            square_p += p * p
            square_t += t * t
        norms = tl.sqrt(tl.sum(square_p, 1)) * tl.sqrt(tl.sum(square_t, 1))
        cosine = tl.sum(dot, 1) / tl.where(norms == 0.0, 1.0, norms)
    # Comparisons, not minimum and maximum: NaN must come through.
    return tl.where(cosine > 1.0, 1.0, tl.where(cosine < 0.0, 0.0, cosine))


@kernel
def share_of_level(
    s: tl.tensor,
    still_open: tl.tensor,
    gates: tl.tensor,
    weights: tl.tensor,
    level: tl.constexpr,
    ZERO_BELOW_GATE: tl.constexpr,
) -> tl.tensor:
    """What a level of similarity `s` earns, [ROWS], and which rows stay open for the next."""
    share = weights[level] * s
    if level < 2:
        if ZERO_BELOW_GATE:
            share = tl.where(s < gates[level], 0.0, share)
        return tl.where(still_open, share, 0.0), still_open & (s >= gates[level])
    return tl.where(still_open, share, 0.0), still_open


@kernel
def similarity_with_gates(
    pred: tl.tensor,
    true: tl.tensor,
    present: tl.tensor,
    rows: tl.tensor,
    target_rows: tl.tensor,
    mask: tl.tensor,
    width: tl.tensor,
    pred_row: tl.tensor,
    pred_level: tl.tensor,
    true_row: tl.tensor,
    true_level: tl.tensor,
    gates: tl.tensor,
    weights: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> tl.tensor:
    """[ROWS] sum of the levels that the gates leave open; strides are in elements."""
    result = tl.zeros([ROWS], tl.float32)
    still_open = mask
    for level in tl.static_range(3):
        # Read again for each level, from the cache: a register less to keep.
        bits = tl.load(present + rows, mask=still_open, other=0)
        # `rows * 0 + level` keeps the level's offset in int64 whatever the stride's type.
        s = unit_cosine(
            pred + (rows * pred_row + (rows * 0 + level) * pred_level),
            true + (target_rows * true_row + (target_rows * 0 + level) * true_level),
            still_open & ((bits & (1 << level)) != 0),
            width,
            ROWS,
            COLUMNS,
        )
        share, still_open = share_of_level(s, still_open, gates, weights, level, ZERO_BELOW_GATE)
        result += share
    return result


@kernel
def semantic_kernel(
    pred: tl.tensor,
    true: tl.tensor,
    present: tl.tensor,
    reward: tl.tensor,
    n: tl.tensor,
    width: tl.tensor,
    pred_row: tl.tensor,
    pred_level: tl.tensor,
    true_row: tl.tensor,
    true_level: tl.tensor,
    gates: tl.tensor,
    weights: tl.tensor,
    ZERO_BELOW_GATE: tl.constexpr,
    GROUP: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """[n, 3, width], [n / GROUP, 3, width], [n] -> [n]."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    mask = rows < n
    result = similarity_with_gates(
        pred,
        true,
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
        weights,
        ZERO_BELOW_GATE,
        ROWS,
        COLUMNS,
    )
    tl.store(reward + rows, result, mask=mask)


def dense_rows(embeddings: torch.Tensor) -> torch.Tensor:
    """Return the same values with the last axis adjacent in memory; other strides are kept."""
    return embeddings if embeddings.stride(-1) == 1 else embeddings.contiguous()


def reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    present: torch.Tensor,
    gates: tuple[float, float],
    weights: tuple[float, float, float],
    zero_below_gate: bool,
) -> torch.Tensor:
    """[N, 3, D], [P, 3, D], [N] -> [N] float32."""
    pred, true = dense_rows(pred), dense_rows(true)
    n, _, width = pred.shape
    rows = rows_per_program(pred.dtype)
    result = torch.empty(n, dtype=torch.float32, device=pred.device)
    if n:
        launch(
            semantic_kernel,
            (triton.cdiv(n, rows),),
            pred,
            true,
            present.contiguous(),
            result,
            n,
            width,
            *pred.stride()[:2],
            *true.stride()[:2],
            tuple(float(gate) for gate in gates),
            tuple(float(weight) for weight in weights),
            ZERO_BELOW_GATE=zero_below_gate,
            GROUP=n // true.shape[0],
            ROWS=rows,
            COLUMNS=COLUMNS,
        )
    return result
