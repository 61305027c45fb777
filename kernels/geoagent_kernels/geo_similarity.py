"""The whole numeric reward of a GRPO batch in one launch."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from geoagent_kernels import _cpu
from geoagent_kernels._checks import (
    check_coordinates,
    check_finite,
    check_numbers,
    check_positive,
    check_shape,
    completions_per_target,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op
from geoagent_kernels.reference import EARTH_RADIUS_KM
from geoagent_kernels.semantic import GateReading, check_semantic


class GeoReward(NamedTuple):
    """Total reward and its two computed parts, each [N] float32."""

    total: torch.Tensor
    spatial: torch.Tensor
    semantic: torch.Tensor


@as_graph_op(
    lambda pred, **_: tuple(pred.new_empty(pred.shape[0], dtype=torch.float32) for _ in range(3)),
    GeoReward,
)
@torch.no_grad()
def geo_similarity_reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    pred_emb: torch.Tensor,
    true_emb: torch.Tensor,
    present: torch.Tensor,
    extra: torch.Tensor | None = None,
    *,
    spatial_weight: float = 1.5,
    semantic_weight: float = 1.0,
    extra_weights: Sequence[float] = (),
    tau_km: float = 200.0,
    cutoff_km: float = 2000.0,
    radius_km: float = EARTH_RADIUS_KM,
    gates: tuple[float, float] = (0.7, 0.5),
    weights: tuple[float, float, float] = (0.1, 0.6, 0.3),
    gate: GateReading = "next_level",
    engine: Engine = "auto",
) -> GeoReward:
    """Return `w_spa R_spa + w_sem R_sem + sum_e w_e x_e` (GeoAgent eq. 3), one launch on a GPU.

    Args:
        pred: [N, 2] degrees (lat, lon), float32 or float64; an invalid point earns 0 in R_spa.
        true: [P, 2], G = N / P consecutive predictions to a truth.
        pred_emb: [N, 3, D] embeddings of country, region and place.
        true_emb: [P, 3, D].
        present: [N] uint8, bit i set where both texts of level i are non-empty.
        extra: [N, E] terms computed elsewhere (consistency, format), float32; NaN: does not apply.
        spatial_weight: weight of R_spa.
        semantic_weight: weight of R_sem.
        extra_weights: E weights; the paper's consistency has 0.5.
        tau_km: decay length of R_spa.
        cutoff_km: distance from which R_spa is 0.
        radius_km: radius of the sphere.
        gates: see `semantic_reward`.
        weights: see `semantic_reward`.
        gate: see `semantic_reward`.
        engine: `auto` picks by device.

    Returns:
        Tensors; a TRL reward function hands on `total.tolist()`. Rows without a ground truth earn
        0 in R_spa: leave them out, or replace them by None there.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    check_coordinates("pred", pred, dims=2)
    check_coordinates("true", true, dims=2)
    _check_rows(pred, true, pred_emb, true_emb, extra, extra_weights)
    check_semantic(
        pred_emb, true_emb, present, gates, weights, gate, prefix=("pred_emb", "true_emb")
    )
    check_finite("spatial_weight", (spatial_weight,))
    check_finite("semantic_weight", (semantic_weight,))
    check_positive("tau_km", tau_km)
    check_positive("cutoff_km", cutoff_km, infinite=True)
    check_positive("radius_km", radius_km)
    tensors = {"pred": pred, "true": true, "pred_emb": pred_emb, "true_emb": true_emb}
    tensors["present"] = present
    if extra is not None:
        tensors["extra"] = extra
    if uses_triton(engine, **tensors):
        from geoagent_kernels._triton import geo_similarity

        numbers = geo_similarity.Numbers(
            tau_km, cutoff_km, radius_km, gates, weights, spatial_weight, semantic_weight
        )
        return GeoReward(
            *geo_similarity.reward(
                pred, true, pred_emb, true_emb, present, extra, extra_weights, numbers, gate
            )
        )
    spatial = _cpu.spatial_reward(
        pred, true, taus_km=(tau_km,), weights=(1.0,), cutoff_km=cutoff_km, radius_km=radius_km
    )[0]
    semantic = _cpu.semantic_reward(
        pred_emb, true_emb, present, gates=gates, weights=weights, gate=gate
    )
    total = _cpu.geo_similarity_reward(
        spatial,
        semantic,
        extra,
        spatial_weight=spatial_weight,
        semantic_weight=semantic_weight,
        extra_weights=extra_weights,
    )
    return GeoReward(total.float(), spatial.float(), semantic.float())


def _check_rows(
    pred: torch.Tensor,
    true: torch.Tensor,
    pred_emb: torch.Tensor,
    true_emb: torch.Tensor,
    extra: torch.Tensor | None,
    extra_weights: Sequence[float],
) -> None:
    rows = pred.shape[0]
    completions_per_target("true", rows, true.shape[0])
    check_shape("pred_emb", pred_emb, (rows, 3, None))
    check_shape("true_emb", true_emb, (true.shape[0], 3, None))
    if extra is not None:
        check_numbers("extra", extra, (rows, None))
    check_finite("extra_weights", extra_weights, 0 if extra is None else extra.shape[1])
