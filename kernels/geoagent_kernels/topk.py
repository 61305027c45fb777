"""Embedding search with a penalty by distance: product, penalty and top-k in one pass."""

import math
from typing import NamedTuple

import torch

from geoagent_kernels import _cpu
from geoagent_kernels._checks import (
    check_coordinates,
    check_embeddings,
    check_neighbours,
    check_positive,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op
from geoagent_kernels.reference import EARTH_RADIUS_KM

LARGEST_K = 64
MAX_ROWS = 2**31 - 1


class TopK(NamedTuple):
    """The k best corpus rows of each query, best first; equal scores lowest index first."""

    scores: torch.Tensor
    """[N, k] float32; -inf where there are fewer than k rows."""
    index: torch.Tensor  # type: ignore[assignment]  # hides tuple.index
    """[N, k] int64; -1 where there is none."""


@as_graph_op(
    lambda query, k, **_: (
        query.new_empty(query.shape[0], k, dtype=torch.float32),
        query.new_empty(query.shape[0], k, dtype=torch.int64),
    ),
    TopK,
)
@torch.no_grad()
def geo_topk(
    query: torch.Tensor,
    corpus: torch.Tensor,
    k: int,
    *,
    query_latlon: torch.Tensor | None = None,
    corpus_latlon: torch.Tensor | None = None,
    penalty_per_km: float = 0.0,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> TopK:
    """Return the k rows with the largest `<q, e> - penalty_per_km * d(q, e)` for each query.

    A von Mises-Fisher prior needs no kernel: it is an inner product of vectors three longer. This
    is for a penalty linear in kilometres. No [N, M] array is written on any engine.

    Args:
        query: [N, D] float32, bfloat16 or float16 (normalise for cosine); accumulated in float32.
        corpus: [M, D] of the same dtype.
        k: rows wanted, 1 to 64.
        query_latlon: [N, 2] degrees, rounded to float32; needed with a penalty. An invalid
            position finds nothing.
        corpus_latlon: [M, 2] degrees; needed with a penalty. Invalid positions are never found.
        penalty_per_km: score lost per kilometre, not negative.
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    check_embeddings("query", query, (None, None))
    check_embeddings("corpus", corpus, (None, query.shape[1]))
    if corpus.dtype != query.dtype:
        raise ValueError(f"corpus is {corpus.dtype}, query is {query.dtype}")
    if corpus.shape[0] > MAX_ROWS:
        raise ValueError(f"corpus holds {corpus.shape[0]} rows, more than {MAX_ROWS}")
    check_neighbours(k, LARGEST_K)
    if not (penalty_per_km >= 0 and math.isfinite(penalty_per_km)):
        raise ValueError(f"penalty_per_km must be zero or more, got {penalty_per_km}")
    check_positive("radius_km", radius_km)
    tensors = {"query": query, "corpus": corpus}
    if penalty_per_km > 0:
        tensors |= _position_inputs(query, corpus, query_latlon, corpus_latlon)
    places = tensors.get("query_latlon"), tensors.get("corpus_latlon")
    if uses_triton(engine, **tensors):
        from geoagent_kernels._triton import topk

        return TopK(*topk.top_rows(query, corpus, k, *places, penalty_per_km, radius_km))
    return TopK(
        *_cpu.geo_topk(
            query,
            corpus,
            k,
            query_latlon=places[0],
            corpus_latlon=places[1],
            penalty_per_km=penalty_per_km,
            radius_km=radius_km,
        )
    )


def _position_inputs(
    query: torch.Tensor,
    corpus: torch.Tensor,
    query_latlon: torch.Tensor | None,
    corpus_latlon: torch.Tensor | None,
) -> dict[str, torch.Tensor]:
    found = {}
    for name, latlon, embeddings in (
        ("query_latlon", query_latlon, query),
        ("corpus_latlon", corpus_latlon, corpus),
    ):
        if latlon is None:
            raise ValueError(f"{name} is needed with penalty_per_km")
        check_coordinates(name, latlon, dims=2)
        if latlon.shape[0] != embeddings.shape[0]:
            raise ValueError(f"{name} has {latlon.shape[0]} rows, not {embeddings.shape[0]}")
        found[name] = latlon
    return found
