"""The numbers of a GRPO batch in one launch, and the semantic reward of texts by id."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import torch

from geoagent_kernels import _cpu, _cpu_by_id
from geoagent_kernels._checks import (
    EMBEDDING_DTYPES,
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
from geoagent_kernels.semantic import GateReading

_ID_DTYPES = (torch.int32, torch.int64)


class BatchReward(NamedTuple):
    """What a batch earned, float32; all of it in one tensor, so that one copy brings it back."""

    packed: torch.Tensor
    """[5, N]: total, spatial, semantic, distance_km, advantage."""

    @property
    def total(self) -> torch.Tensor:
        """[N] weighted sum of all terms."""
        return self.packed[0]

    @property
    def spatial(self) -> torch.Tensor:
        """[N] spatial reward."""
        return self.packed[1]

    @property
    def semantic(self) -> torch.Tensor:
        """[N] semantic reward."""
        return self.packed[2]

    @property
    def distance_km(self) -> torch.Tensor:
        """[N] distance in kilometres, NaN where a point is invalid."""
        return self.packed[3]

    @property
    def advantage(self) -> torch.Tensor:
        """[N] advantage of the total within the completions that share a truth."""
        return self.packed[4]

    def cpu(self) -> "BatchReward":
        """Return the same in the memory of the CPU: one copy, one synchronisation."""
        return BatchReward(self.packed.cpu())


@as_graph_op(
    lambda pred, **_: (pred.new_empty(5, pred.shape[0], dtype=torch.float32),), BatchReward
)
@torch.no_grad()
def geo_batch_reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
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
    scale: Literal["group", "none"] = "group",
    eps: float = 1e-4,
    engine: Engine = "auto",
) -> BatchReward:
    """Return rewards, distances and group advantages of a batch, one launch on a GPU.

    The reward is that of `geo_similarity_reward`, the advantage that of `group_advantage` for
    its total. Groups of more than 64 completions take a second launch for the advantage.

    Args:
        pred: [N, 2] degrees (lat, lon), float32 or float64; an invalid point earns 0 in R_spa.
        true: [P, 2], G = N / P consecutive predictions to a truth.
        table: [U, D] embeddings of all texts, float32, bfloat16 or float16.
        pred_ids: [N, 3] rows of the table for country, region and place, int32 or int64; below
            0 where there is no text.
        true_ids: [P, 3].
        extra: [N, E] terms computed elsewhere, float32; NaN: does not apply.
        spatial_weight: weight of R_spa.
        semantic_weight: weight of R_sem.
        extra_weights: E weights.
        tau_km: decay length of R_spa.
        cutoff_km: distance from which R_spa is 0.
        radius_km: radius of the sphere.
        gates: see `semantic_reward`.
        weights: see `semantic_reward`.
        gate: see `semantic_reward`.
        scale: divide the advantage by the deviation of its group, or not.
        eps: added to the deviation.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument. Ids beyond the
            table are not looked for on a GPU: that would wait for it.
    """
    check_coordinates("pred", pred, dims=2)
    check_coordinates("true", true, dims=2)
    rows = pred.shape[0]
    completions_per_target("true", rows, true.shape[0])
    _check_texts(table, pred_ids, true_ids, gates, weights, gate)
    check_shape("pred_ids", pred_ids, (rows, 3))
    check_shape("true_ids", true_ids, (true.shape[0], 3))
    if extra is not None:
        check_numbers("extra", extra, (rows, None))
    check_finite("extra_weights", extra_weights, 0 if extra is None else extra.shape[1])
    check_finite("spatial_weight", (spatial_weight,))
    check_finite("semantic_weight", (semantic_weight,))
    check_positive("tau_km", tau_km)
    check_positive("cutoff_km", cutoff_km, infinite=True)
    check_positive("radius_km", radius_km)
    check_positive("eps", eps)
    if scale not in ("group", "none"):
        raise ValueError(f"scale must be 'group' or 'none', got {scale!r}")
    tensors = {"pred": pred, "true": true, "table": table}
    tensors |= {"pred_ids": pred_ids, "true_ids": true_ids}
    if extra is not None:
        tensors["extra"] = extra
    if uses_triton(engine, **tensors):
        from geoagent_kernels._triton import batch_reward, geo_similarity

        numbers = geo_similarity.Numbers(
            tau_km, cutoff_km, radius_km, gates, weights, spatial_weight, semantic_weight
        )
        return BatchReward(
            batch_reward.reward(
                *(pred, true, table, pred_ids, true_ids, extra, extra_weights, numbers),
                *(gate, scale, eps),
            )
        )
    spatial, distance, _ = _cpu.spatial_reward(
        pred, true, taus_km=(tau_km,), weights=(1.0,), cutoff_km=cutoff_km, radius_km=radius_km
    )
    semantic = _cpu_by_id.semantic_reward_by_id(
        table, pred_ids, true_ids, gates=gates, weights=weights, gate=gate
    )
    total = _cpu.geo_similarity_reward(
        spatial,
        semantic,
        extra,
        spatial_weight=spatial_weight,
        semantic_weight=semantic_weight,
        extra_weights=extra_weights,
    )
    group = rows // true.shape[0] if rows else 1
    advantage = _cpu.group_advantage(total[:, None], group, weights=(1.0,), scale=scale, eps=eps)
    parts = (total, spatial, semantic, distance, advantage)
    return BatchReward(torch.stack([part.float() for part in parts]))


@as_graph_op(
    lambda table, pred_ids, **_: (table.new_empty(pred_ids.shape[0], dtype=torch.float32),)
)
@torch.no_grad()
def semantic_reward_by_id(
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
    *,
    gates: tuple[float, float] = (0.7, 0.5),
    weights: tuple[float, float, float] = (0.1, 0.6, 0.3),
    gate: GateReading = "next_level",
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return `semantic_reward` of texts named by their rows in a table of embeddings, [N] float32.

    Args:
        table: [U, D] embeddings of all texts, float32, bfloat16 or float16.
        pred_ids: [N, 3] rows of the table, int32 or int64; below 0 where there is no text.
        true_ids: [P, 3], G = N / P consecutive predictions to a truth.
        gates: see `semantic_reward`.
        weights: see `semantic_reward`.
        gate: see `semantic_reward`.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    _check_texts(table, pred_ids, true_ids, gates, weights, gate)
    if uses_triton(engine, table=table, pred_ids=pred_ids, true_ids=true_ids):
        from geoagent_kernels._triton import batch_reward

        return batch_reward.semantic_reward(
            table, pred_ids, true_ids, gates, weights, gate == "zero"
        )
    return _cpu_by_id.semantic_reward_by_id(
        table, pred_ids, true_ids, gates=gates, weights=weights, gate=gate
    ).float()


def _check_texts(
    table: torch.Tensor,
    pred_ids: torch.Tensor,
    true_ids: torch.Tensor,
    gates: tuple[float, float],
    weights: tuple[float, float, float],
    gate: GateReading,
) -> None:
    check_shape("table", table, (None, None))
    if table.dtype not in EMBEDDING_DTYPES:
        raise ValueError(f"table must be float32, bfloat16 or float16, got {table.dtype}")
    for name, ids in (("pred_ids", pred_ids), ("true_ids", true_ids)):
        check_shape(name, ids, (None, 3))
        if ids.dtype not in _ID_DTYPES:
            raise ValueError(f"{name} must be int32 or int64, got {ids.dtype}")
        on_cpu = ids.device.type == "cpu" and ids.numel()
        if on_cpu and int(ids.max()) >= table.shape[0]:
            raise ValueError(f"{name} names row {int(ids.max())} of {table.shape[0]} in table")
    completions_per_target("true_ids", pred_ids.shape[0], true_ids.shape[0])
    check_finite("gates", gates, 2)
    check_finite("weights", weights, 3)
    if gate not in get_args(GateReading):
        raise ValueError(f"gate must be one of {get_args(GateReading)}, got {gate!r}")
