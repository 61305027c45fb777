"""Every kernel variant that is shipped, with the types and constants it is compiled for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch
from geoagent_kernels._triton import (
    advantage,
    batch_reward,
    candidates,
    geo_similarity,
    leaf_search,
    semantic,
    spatial,
    topk,
)

Signature: TypeAlias = Mapping[str, str | tuple[str, ...]]

F32, I32, I64, U8 = "*fp32", "*i32", "*i64", "*u8"
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Variant:
    """One compilation of a kernel, as a launch on the GPU would specialise it."""

    name: str
    kernel: Any
    signature: Signature
    """Type of each argument that is not a constant."""
    constants: Mapping[str, Any]
    warps: int = 4
    aligned: tuple[str, ...] = field(default=())
    """Integer arguments that are multiples of 16; pointers always are."""


def variants(target: str) -> Iterator[Variant]:
    """Yield every variant that is launched on a target; only the tiles of top-k depend on it."""
    yield from _spatial_variants()
    yield from _semantic_variants()
    yield from _geo_similarity_variants()
    yield from _batch_reward_variants()
    yield from _advantage_variants()
    yield from _leaf_search_variants()
    yield from _candidate_variants()
    yield from _topk_variants(target)


def _spatial_variants() -> Iterator[Variant]:
    for degrees in ("fp32", "fp64"):
        yield Variant(
            f"great_circle {degrees}",
            spatial.distance_kernel,
            {
                "a": f"*{degrees}",
                "b": f"*{degrees}",
                "distance": F32,
                "n": "i32",
                "radius_km": "fp32",
            },
            {"BLOCK": spatial.BLOCK},
            aligned=("n",),
        )
    cases = [("fp32", "i32", 1, 1), ("fp64", "i32", 1, 1), ("fp64", "i32", 1, 8)]
    cases += [("fp32", "i32", 3, 1), ("fp32", "i64", 1, 1)]
    for degrees, count, scales, group in cases:
        yield Variant(
            f"spatial {degrees} n:{count} scales:{scales} group:{group}",
            spatial.reward_kernel,
            {
                "pred": f"*{degrees}",
                "true": f"*{degrees}",
                "reward": F32,
                "distance": F32,
                "validity": U8,
                "n": count,
                "rates": ("fp32",) * scales,
                "weights": ("fp32",) * scales,
                "cutoff_km": "fp32",
                "radius_km": "fp32",
            },
            {"GROUP": group, "SCALES": scales, "BLOCK": spatial.BLOCK},
            aligned=("n",),
        )


_EMBEDDING_SHAPE: Signature = {
    "n": "i32",
    "width": "i32",
    "pred_row": "i32",
    "pred_level": "i32",
    "true_row": "i32",
    "true_level": "i32",
}


def _semantic_variants() -> Iterator[Variant]:
    cases = [("fp32", 8, False), ("fp32", 8, True), ("fp32", 1, False)]
    cases += [("bf16", 8, False), ("fp16", 8, False)]
    for dtype, group, zero in cases:
        yield Variant(
            f"semantic {dtype} gate:{'zero' if zero else 'next_level'} group:{group}",
            semantic.semantic_kernel,
            {
                "pred": f"*{dtype}",
                "true": f"*{dtype}",
                "present": U8,
                "reward": F32,
                **_EMBEDDING_SHAPE,
                "gates": ("fp32",) * 2,
                "weights": ("fp32",) * 3,
            },
            {
                "ZERO_BELOW_GATE": zero,
                "GROUP": group,
                "ROWS": semantic.rows_per_program(_DTYPES[dtype]),
                "COLUMNS": semantic.COLUMNS,
            },
            aligned=tuple(_EMBEDDING_SHAPE),
        )


def _geo_similarity_variants() -> Iterator[Variant]:
    cases = [("fp64", "fp32", 0, 8), ("fp64", "fp32", 0, 1), ("fp32", "fp32", 0, 8)]
    cases += [("fp32", "fp32", 3, 8), ("fp64", "fp32", 3, 8)]
    cases += [("fp32", "bf16", 3, 8), ("fp32", "fp16", 3, 8)]
    for degrees, dtype, extra, group in cases:
        yield Variant(
            f"geo_similarity {degrees} {dtype} extra:{extra} group:{group}",
            geo_similarity.geo_similarity_kernel,
            {
                "pred": f"*{degrees}",
                "true": f"*{degrees}",
                "pred_emb": f"*{dtype}",
                "true_emb": f"*{dtype}",
                "present": U8,
                "extra": F32,
                "total": F32,
                "spatial": F32,
                "semantic": F32,
                **_EMBEDDING_SHAPE,
                "rate": "fp32",
                "cutoff_km": "fp32",
                "radius_km": "fp32",
                "gates": ("fp32",) * 2,
                "level_weights": ("fp32",) * 3,
                "spatial_weight": "fp32",
                "semantic_weight": "fp32",
                "extra_weights": ("fp32",) * extra,
            },
            {
                "ZERO_BELOW_GATE": False,
                "EXTRA": extra,
                "GROUP": group,
                "ROWS": geo_similarity.ROWS,
                "COLUMNS": geo_similarity.COLUMNS,
            },
            aligned=tuple(_EMBEDDING_SHAPE),
        )


def _batch_reward_variants() -> Iterator[Variant]:
    texts = {"pred_ids": I32, "true_ids": I32}
    sizes = {"n": "i32", "width": "i32", "stride": "i32"}
    # training launches the first two: points in float64, no further terms
    cases = [("fp64", "fp32", 0, 8, 8), ("fp64", "fp32", 0, 1, 1), ("fp32", "bf16", 3, 8, 8)]
    cases += [("fp64", "fp32", 0, 5, 5), ("fp64", "fp32", 0, 64, 64), ("fp64", "fp32", 0, 128, 1)]
    for degrees, dtype, extra, shared, group in cases:
        shape = batch_reward.tile(shared)
        assert shape.group == group
        yield Variant(
            f"batch_reward {degrees} {dtype} extra:{extra} group:{shared}",
            batch_reward.batch_reward_kernel,
            {
                "pred": f"*{degrees}",
                "true": f"*{degrees}",
                "table": f"*{dtype}",
                **texts,
                "extra": F32,
                "result": F32,
                **sizes,
                "rate": "fp32",
                "cutoff_km": "fp32",
                "radius_km": "fp32",
                "gates": ("fp32",) * 2,
                "level_weights": ("fp32",) * 3,
                "spatial_weight": "fp32",
                "semantic_weight": "fp32",
                "extra_weights": ("fp32",) * extra,
                "eps": "fp32",
            },
            {
                "ZERO_BELOW_GATE": False,
                "SCALED": True,
                "EXTRA": extra,
                "SHARED": shared,
                "GROUP": shape.group,
                "PADDED": shape.padded,
                "GROUPS": shape.groups,
                "COLUMNS": shape.columns,
            },
            aligned=tuple(sizes),
        )
    for dtype in ("fp32", "bf16"):
        yield Variant(
            f"semantic_by_id {dtype}",
            batch_reward.semantic_by_id_kernel,
            {
                "table": f"*{dtype}",
                **texts,
                "reward": F32,
                **sizes,
                "gates": ("fp32",) * 2,
                "weights": ("fp32",) * 3,
            },
            {
                "ZERO_BELOW_GATE": False,
                "SHARED": 8,
                "ROWS": batch_reward.MIN_ROWS,
                "COLUMNS": batch_reward.NUMBERS_PER_TILE // batch_reward.MIN_ROWS,
            },
            aligned=tuple(sizes),
        )


def _advantage_variants() -> Iterator[Variant]:
    arrays = {"rewards": F32, "advantage": F32, "total": F32}
    # TRL's rewards in groups of eight; then what else is compiled for it
    for functions, group, total in ((1, 8, False), (4, 8, True), (1, 5, False), (1, 128, False)):
        shape = advantage.tile(group)
        yield Variant(
            f"advantage functions:{functions} group:{group} batch:{total}",
            advantage.advantage_kernel,
            {**arrays, "n": "i32", "weights": ("fp32",) * functions, "eps": "fp32"},
            {
                "FUNCTIONS": functions,
                "SCALED": not total,
                "TOTAL": total,
                "GROUP": group,
                "GROUPS": shape.groups,
                "PADDED": shape.padded,
            },
            aligned=("n",),
        )
    yield Variant(
        "advantage functions:4 long groups",
        advantage.long_advantage_kernel,
        {**arrays, "group_size": "i32", "weights": ("fp32",) * 4, "eps": "fp32"},
        {"FUNCTIONS": 4, "SCALED": True, "TOTAL": False, "BLOCK": advantage.NUMBERS_PER_TILE},
    )


def _leaf_search_variants() -> Iterator[Variant]:
    for k in (1, 8, 64):
        for leaves, slots in ((1024, 256), (4096, 2560)):
            yield Variant(
                f"leaf_search k:{k} leaves:{leaves} slots:{slots}",
                leaf_search.leaf_search_kernel,
                {
                    "query": "*fp64",
                    "places": "*fp64",
                    "bounds": F32,
                    "squared_chord": "*fp64",
                    "slots": I64,
                    "opened": I32,
                    "leaves": "i32",
                },
                {
                    "K": k,
                    "SLOTS": slots,
                    "CHUNK": leaf_search.chunk_size(slots),
                    "LEAVES": leaves,
                },
                warps=leaf_search.warps(leaves, k),
                aligned=("leaves",),
            )


def _candidate_variants() -> Iterator[Variant]:
    for degrees in ("fp32", "fp64"):
        points = {"cand": f"*{degrees}", "prob": F32, "true": f"*{degrees}"}
        points |= {"result": F32, "members": "i32"}
        yield Variant(
            f"expected_reward {degrees}",
            candidates.expected_reward_kernel,
            {**points, "rate": "fp32", "cutoff_km": "fp32", "radius_km": "fp32"},
            {"BLOCK": candidates.CANDIDATES},
            warps=1,
        )
        yield Variant(
            f"energy_score {degrees}",
            candidates.energy_score_kernel,
            {**points, "radius_km": "fp32"},
            {"BLOCK": candidates.PAIR_BLOCK},
            warps=1,
        )
        for block in (8, candidates.PAIR_BLOCK):
            yield Variant(
                f"group_spread {degrees} block:{block}",
                candidates.group_spread_kernel,
                {"points": f"*{degrees}", "result": F32, "members": "i32", "radius_km": "fp32"},
                {"BLOCK": block},
                warps=1,
            )


def _topk_variants(target: str) -> Iterator[Variant]:
    for (rows, columns, depth, warps), dtype, kept in topk_cases(target):
        yield Variant(
            f"topk {dtype} {rows}x{columns}x{depth} kept:{kept}",
            topk.topk_kernel,
            {
                "query": f"*{dtype}",
                "corpus": f"*{dtype}",
                "query_latlon": F32,
                "corpus_latlon": F32,
                "keys": I64,
                "queries": "i32",
                "rows": "i32",
                "width": "i32",
                "query_stride": "i32",
                "corpus_stride": "i32",
                "rows_per_split": "i32",
                "penalty_per_km": "fp32",
                "radius_km": "fp32",
            },
            {
                "K": kept,
                "ROWS": rows,
                "COLUMNS": columns,
                "DEPTH": depth,
                "UPCAST": False,
            },
            warps=warps,
            aligned=("queries", "rows", "width", "query_stride", "corpus_stride", "rows_per_split"),
        )


def topk_cases(target: str) -> Iterator[tuple[topk.Tile, str, int]]:
    """Yield what `geo_topk` launches on a target; float16 shares the tiles of bfloat16."""
    for name in ("bf16", "fp16", "fp32"):
        dtype = _DTYPES[name]
        for kept in (8, 64):
            tiles = {topk.tile(queries, kept, dtype, target) for queries in (16, 512)}
            for shape in sorted(tiles):
                yield shape, name, kept
