"""Inner products, penalty by distance and running top-k, fused: only k keys a query are written."""

from typing import NamedTuple

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.binary_angle import angle, load_points, unit_vector
from geoagent_kernels._triton.jit import INTERPRETED, kernel, launch
from geoagent_kernels._triton.semantic import dense_rows
from geoagent_kernels.reference import unpack_ranking

PROGRAMS_WANTED = 528
"""Four for each multiprocessor of an H100; fewer leave some idle at the end."""


@kernel
def sort_key(score: tl.tensor, index: tl.tensor) -> tl.tensor:
    """float32 score, index -> int64 ordered by score, then lower index first."""
    bits = score.to(tl.int32, bitcast=True)
    ordered = bits ^ ((bits >> 31) & 0x7FFFFFFF)
    return (ordered.to(tl.int64) << 32) | (0xFFFFFFFF - index.to(tl.int64))


@kernel
def key_score(key: tl.tensor) -> tl.tensor:
    """Score of a ranking key."""
    ordered = (key >> 32).to(tl.int32)
    return (ordered ^ ((ordered >> 31) & 0x7FFFFFFF)).to(tl.float32, bitcast=True)


@kernel
def inner_products(
    query: tl.tensor,
    corpus: tl.tensor,
    query_rows: tl.tensor,
    corpus_rows: tl.tensor,
    query_mask: tl.tensor,
    corpus_mask: tl.tensor,
    query_stride: tl.tensor,
    corpus_stride: tl.tensor,
    width: tl.tensor,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    UPCAST: tl.constexpr,
) -> tl.tensor:
    """[ROWS, COLUMNS] float32; -inf outside and where a product is not a number."""
    products = tl.zeros([ROWS, COLUMNS], tl.float32)
    for start in range(0, width, DEPTH):
        d = start + tl.arange(0, DEPTH).to(tl.int64)
        q = tl.load(
            query + (query_rows[:, None] * query_stride + d[None, :]),
            mask=query_mask[:, None] & (d < width)[None, :],
            other=0.0,
        )
        e = tl.load(
            corpus + (corpus_rows[:, None] * corpus_stride + d[None, :]),
            mask=corpus_mask[:, None] & (d < width)[None, :],
            other=0.0,
        )
        if UPCAST:  # the interpreter multiplies bfloat16 as the integers it stores
            q = q.to(tl.float32)
            e = e.to(tl.float32)
        products = tl.dot(q, tl.trans(e), products, input_precision="ieee")
    number = products == products
    return tl.where(number & query_mask[:, None] & corpus_mask[None, :], products, float("-inf"))


@kernel
def topk_kernel(
    query: tl.tensor,
    corpus: tl.tensor,
    query_latlon: tl.tensor,
    corpus_latlon: tl.tensor,
    keys: tl.tensor,
    queries: tl.tensor,
    rows: tl.tensor,
    width: tl.tensor,
    query_stride: tl.tensor,
    corpus_stride: tl.tensor,
    rows_per_split: tl.tensor,
    penalty_per_km: tl.tensor,
    radius_km: tl.tensor,
    K: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    DEPTH: tl.constexpr,
    UPCAST: tl.constexpr,
) -> None:
    """[queries, width], [rows, width] -> [queries, splits, K] keys, in any order.

    The penalty only lowers a score, and by more than the chord would: distances are computed only
    for a tile where some query's K-th best score is passed by a product less the chord's penalty.
    That takes 8 instructions a pair, a distance some 70. A penalty of zero is not compiled apart:
    without the branch the assembler aims at more programs at once, and spills.
    """
    split = tl.program_id(1).to(tl.int64)
    splits = tl.num_programs(1)
    n = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    n_mask = n < queries
    rank = tl.arange(0, K)
    column = tl.arange(0, COLUMNS)
    no_row = tl.full([ROWS, K], 0xFFFFFFFF, tl.int64) - rank[None, :]
    kept = sort_key(tl.full([ROWS, K], float("-inf"), tl.float32), no_row)
    kth = tl.full([ROWS], float("-inf"), tl.float32)
    penalised = penalty_per_km > 0.0
    lat_q, lon_q, valid_q = load_points(query_latlon, n, n_mask & penalised)
    x_q, y_q, z_q = unit_vector(lat_q, lon_q)
    end = tl.minimum((split + 1) * rows_per_split, rows)
    for start in range(split * rows_per_split, end, COLUMNS):
        m = start + column.to(tl.int64)
        m_mask = m < end
        scores = inner_products(
            query,
            corpus,
            n,
            m,
            n_mask,
            m_mask,
            query_stride,
            corpus_stride,
            width,
            ROWS,
            COLUMNS,
            DEPTH,
            UPCAST,
        )
        best, at = tl.max(scores, 1, return_indices=True)
        if penalised & (tl.max((best > kth).to(tl.int32), 0) > 0):
            lat_m, lon_m, valid_m = load_points(corpus_latlon, m, m_mask)
            x_m, y_m, z_m = unit_vector(lat_m, lon_m)
            dx = x_q[:, None] - x_m[None, :]
            dy = y_q[:, None] - y_m[None, :]
            dz = z_q[:, None] - z_m[None, :]
            chord = tl.sqrt(dx * dx + dy * dy + dz * dz) * (1.0 - 1e-6) - 2e-6  # never too long
            best = tl.max(scores - penalty_per_km * (tl.maximum(chord, 0.0) * radius_km), 1)
            if tl.max((best > kth).to(tl.int32), 0) > 0:
                d = angle(lat_q[:, None], lon_q[:, None], lat_m[None, :], lon_m[None, :])
                scores -= penalty_per_km * (d * radius_km)
                valid = valid_q[:, None] & valid_m[None, :]
                scores = tl.where(valid, scores, float("-inf"))
                best, at = tl.max(scores, 1, return_indices=True)
        while tl.max((best > kth).to(tl.int32), 0) > 0:
            lowest = tl.min(kept, 1)
            replaced = (kept == lowest[:, None]) & (best > kth)[:, None]
            kept = tl.where(replaced, sort_key(best, start + at)[:, None], kept)
            kth = key_score(tl.min(kept, 1))
            scores = tl.where(column[None, :] == at[:, None], float("-inf"), scores)
            best, at = tl.max(scores, 1, return_indices=True)
    offsets = (n[:, None] * splits + split) * K + rank[None, :]
    tl.store(keys + offsets, kept, mask=n_mask[:, None])


class Tile(NamedTuple):
    """Block shape of a launch."""

    rows: int
    columns: int
    depth: int
    warps: int


def key_slots(k: int) -> int:
    """Keys a program keeps for a query; few sizes, so that all of them are in the compile gate."""
    return 8 if k <= 8 else 64


def tile(queries: int, kept: int, dtype: torch.dtype, target: str) -> Tile:
    """Return the block shape for a target of the compile gate; none of these spills there."""
    few = queries <= 32
    if target.startswith("gfx"):
        return Tile(16, 64, 64, 4) if dtype != torch.float32 else Tile(16, 128, 32, 8)
    if dtype == torch.float32:
        # 32 rows spill on sm_120 with some versions of Triton, on sm_89 with 8 warps
        if target == "sm_120" or (few and kept == 8):
            return Tile(16, 128, 32, 8)
        if target == "sm_89":
            return Tile(32, 64, 32, 4)
        return Tile(64 if target == "sm_90a" and kept == 8 else 32, 64, 32, 8)
    if few:
        return Tile(16, 64, 64, 8)
    if target == "sm_100":  # with 64 rows Triton 3.7 fails there on its way to tensor memory
        return Tile(32, 64, 64, 4)
    return Tile(64, 128 if target == "sm_90a" and kept == 8 else 64, 64, 8)


def target_of(device: torch.device) -> str:
    """Return the target of the compile gate that stands for a device."""
    if device.type != "cuda" or torch.version.hip:
        return "gfx942" if torch.version.hip else "sm_90a"
    capability = torch.cuda.get_device_capability(device)
    names = {(8, 9): "sm_89", (9, 0): "sm_90a"}
    generations = {8: "sm_80", 10: "sm_100"}
    return names.get(capability, generations.get(capability[0], "sm_120"))


def top_rows(
    query: torch.Tensor,
    corpus: torch.Tensor,
    k: int,
    query_latlon: torch.Tensor | None,
    corpus_latlon: torch.Tensor | None,
    penalty_per_km: float,
    radius_km: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """[N, D], [M, D] -> scores [N, k] float32, index [N, k] int64."""
    query, corpus = dense_rows(query), dense_rows(corpus)
    (queries, width), rows = query.shape, corpus.shape[0]
    slots = key_slots(k)
    shape = tile(queries, slots, query.dtype, target_of(query.device))
    blocks = max(1, triton.cdiv(queries, shape.rows))
    splits = max(1, min(PROGRAMS_WANTED // blocks, triton.cdiv(rows, 4 * shape.columns)))
    per_split = triton.cdiv(triton.cdiv(rows, splits), shape.columns) * shape.columns
    keys = torch.empty(queries, splits * slots, dtype=torch.int64, device=query.device)
    if queries:
        launch(
            topk_kernel,
            (blocks, splits),
            query,
            corpus,
            _float_positions(query_latlon, query.device),
            _float_positions(corpus_latlon, query.device),
            keys,
            queries,
            rows,
            width,
            query.stride(0),
            corpus.stride(0),
            per_split,
            float(penalty_per_km),
            float(radius_km),
            K=slots,
            ROWS=shape.rows,
            COLUMNS=shape.columns,
            DEPTH=shape.depth,
            UPCAST=INTERPRETED,
            num_warps=shape.warps,
        )
    return unpack_ranking(keys.topk(k, dim=1).values)


def _float_positions(latlon: torch.Tensor | None, device: torch.device) -> torch.Tensor:
    """[N, 2] float32: 1.7 m are nothing to a penalty; without one the pointer is never read."""
    if latlon is None:
        return torch.empty(0, 2, dtype=torch.float32, device=device)
    return latlon.float().contiguous()
