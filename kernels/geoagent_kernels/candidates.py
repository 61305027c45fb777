"""Rewards of a whole candidate distribution, and the spread of a group."""

import torch

from geoagent_kernels import _cpu, reference
from geoagent_kernels._checks import (
    check_coordinates,
    check_group_size,
    check_numbers,
    check_positive,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op
from geoagent_kernels.reference import EARTH_RADIUS_KM


@as_graph_op(lambda cand, **_: (cand.new_empty(cand.shape[0], dtype=torch.float32),))
@torch.no_grad()
def expected_reward(
    cand: torch.Tensor,
    prob: torch.Tensor,
    true: torch.Tensor,
    *,
    tau_km: float = 200.0,
    cutoff_km: float = 2000.0,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return `sum_i p_i R_spa(x_i, y)`, the spatial reward a guess drawn from `prob` would earn.

    Args:
        cand: [B, K, 2] degrees (lat, lon), float32 or float64; invalid candidates earn 0.
        prob: [B, K] probabilities; that they add up to 1 is the caller's to see to.
        true: [B, 2] degrees.
        tau_km: decay length.
        cutoff_km: distance from which the reward is 0.
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Returns:
        [B] float32.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    _check_candidates(cand, prob, true)
    check_positive("tau_km", tau_km)
    check_positive("cutoff_km", cutoff_km, infinite=True)
    check_positive("radius_km", radius_km)
    if uses_triton(engine, cand=cand, prob=prob, true=true):
        from geoagent_kernels._triton import candidates

        return candidates.expected_reward(cand, prob, true, tau_km, cutoff_km, radius_km)
    return _cpu.expected_reward(
        cand, prob, true, tau_km=tau_km, cutoff_km=cutoff_km, radius_km=radius_km
    ).float()


@as_graph_op(lambda cand, **_: (cand.new_empty(cand.shape[0], dtype=torch.float32),))
@torch.no_grad()
def energy_score(
    cand: torch.Tensor,
    prob: torch.Tensor,
    true: torch.Tensor,
    *,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return `E d(X, y) - E d(X, X') / 2` in kilometres, lower is better, [B] float32.

    The continuous ranked probability score of the sphere (Gneiting and Raftery 2007, eq. 22 with
    great-circle distance): 0 for certainty at the truth. A [B, K, K] table is never written.

    Args:
        cand: [B, K, 2] degrees (lat, lon), float32 or float64.
        prob: [B, K] probabilities that add up to 1; candidates of probability 0 are padding.
        true: [B, 2] degrees.
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Returns:
        [B] float32; NaN where the truth, or a candidate with probability, is invalid.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    _check_candidates(cand, prob, true)
    check_positive("radius_km", radius_km)
    if uses_triton(engine, cand=cand, prob=prob, true=true):
        from geoagent_kernels._triton import candidates

        return candidates.energy_score(cand, prob, true, radius_km)
    return reference.energy_score(cand, prob, true, radius_km=radius_km).float()


@as_graph_op(
    lambda points, group_size, **_: (
        points.new_empty(points.shape[0] // group_size, dtype=torch.float32),
    )
)
@torch.no_grad()
def group_spread(
    points: torch.Tensor,
    group_size: int,
    *,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return the mean distance between two distinct members of each group, [P] float32 km.

    Args:
        points: [N, 2] degrees (lat, lon), groups of consecutive rows; invalid points are left out.
        group_size: members of a group; divides N.
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Returns:
        NaN for a group with fewer than two valid members.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    check_coordinates("points", points, dims=2)
    check_group_size("points", points.shape[0], group_size)
    check_positive("radius_km", radius_km)
    if uses_triton(engine, points=points):
        from geoagent_kernels._triton import candidates

        return candidates.group_spread(points, group_size, radius_km)
    return reference.group_spread(points, group_size, radius_km=radius_km).float()


def _check_candidates(cand: torch.Tensor, prob: torch.Tensor, true: torch.Tensor) -> None:
    check_coordinates("cand", cand, dims=3)
    check_numbers("prob", prob, cand.shape[:2])
    check_coordinates("true", true, dims=2)
    if true.shape[0] != cand.shape[0]:
        raise ValueError(f"true has {true.shape[0]} rows, cand {cand.shape[0]}")
