"""The gated three-level semantic reward."""

from typing import Literal, get_args

import torch

from geoagent_kernels import _cpu
from geoagent_kernels._checks import (
    check_embeddings,
    check_finite,
    check_shape,
    completions_per_target,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op

GateReading = Literal["next_level", "zero"]
"""What a level below its gate earns: its own share (the reference code), or nothing (the text)."""


@as_graph_op(lambda pred, **_: (pred.new_empty(pred.shape[0], dtype=torch.float32),))
@torch.no_grad()
def semantic_reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    present: torch.Tensor,
    *,
    gates: tuple[float, float] = (0.7, 0.5),
    weights: tuple[float, float, float] = (0.1, 0.6, 0.3),
    gate: GateReading = "next_level",
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return `sum_i w_i s_i` over country, region and place, [N] float32 (GeoAgent's R_sem).

    `s_i` is the cosine of the two embeddings of level i, clipped to 0..1; 0 for a zero vector.
    Level 2 counts only if `s_1 >= gates[0]`, level 3 only if level 2 counts and `s_2 >= gates[1]`.
    Embeddings need not be normalised. NaN in an embedding that is read gives NaN.

    Args:
        pred: [N, 3, D], float32, bfloat16 or float16.
        true: [N, 3, D], or [P, 3, D] where G = N / P consecutive predictions share a truth.
        present: [N] uint8, bit i set where both texts of level i are non-empty.
        gates: least similarity of level 1 and of level 2 that opens the next level.
        weights: weight of each level.
        gate: `next_level` (default) or `zero`, see `GateReading`.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    check_semantic(pred, true, present, gates, weights, gate)
    if uses_triton(engine, pred=pred, true=true, present=present):
        from geoagent_kernels._triton import semantic

        return semantic.reward(pred, true, present, gates, weights, gate == "zero")
    return _cpu.semantic_reward(
        pred, true, present, gates=gates, weights=weights, gate=gate
    ).float()


def check_semantic(
    pred: torch.Tensor,
    true: torch.Tensor,
    present: torch.Tensor,
    gates: tuple[float, float],
    weights: tuple[float, float, float],
    gate: GateReading,
    *,
    prefix: tuple[str, str] = ("pred", "true"),
) -> None:
    """Refuse embeddings, presence bits, gates or weights that the reward cannot take."""
    check_embeddings(prefix[0], pred, (None, 3, None))
    check_embeddings(prefix[1], true, (None, 3, pred.shape[2]))
    if true.dtype != pred.dtype:
        raise ValueError(f"{prefix[1]} is {true.dtype}, {prefix[0]} is {pred.dtype}")
    if pred.shape[2] == 0:
        raise ValueError(f"{prefix[0]} has embeddings of length 0")
    completions_per_target(prefix[1], pred.shape[0], true.shape[0])
    check_shape("present", present, (pred.shape[0],))
    if present.dtype != torch.uint8:
        raise ValueError(f"present must be uint8 bits, got {present.dtype}")
    check_finite("gates", gates, 2)
    check_finite("weights", weights, 3)
    if gate not in get_args(GateReading):
        raise ValueError(f"gate must be one of {get_args(GateReading)}, got {gate!r}")
