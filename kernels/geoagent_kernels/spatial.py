"""Great-circle distance, and the paper's spatial reward."""

from typing import NamedTuple

import torch

from geoagent_kernels import _cpu, reference
from geoagent_kernels._checks import (
    check_coordinates,
    check_positive,
    completions_per_target,
)
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels._graph_op import as_graph_op
from geoagent_kernels.reference import EARTH_RADIUS_KM


class SpatialReward(NamedTuple):
    """Reward of each prediction with the distance it was computed from."""

    reward: torch.Tensor
    """[N] float32; 0 where a point is invalid or the cut-off is reached."""
    distance_km: torch.Tensor
    """[N] float32; NaN where a point is invalid."""
    valid: torch.Tensor
    """[N] bool; both points are finite and on the globe."""


@as_graph_op(lambda a, b, **_: ((a[..., 0] + b[..., 0]).to(torch.float32),))
@torch.no_grad()
def great_circle_km(
    a: torch.Tensor,
    b: torch.Tensor,
    *,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> torch.Tensor:
    """Return the distance on the sphere between points, [...] float32 kilometres.

    Off by at most 2 cm + 1e-6 of the distance for float64 input; float32 degrees are themselves
    coarse to 1.7 m.

    Args:
        a: [..., 2] degrees (lat, lon), float32 or float64.
        b: [..., 2] degrees; leading axes broadcast against those of `a` (and are written out).
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Returns:
        NaN where a point is not finite or off the globe (|lat| > 90 or |lon| > 180).

    Raises:
        ValueError: for a wrong dtype, shape, device or radius, naming the argument.
    """
    check_coordinates("a", a)
    check_coordinates("b", b)
    check_positive("radius_km", radius_km)
    try:
        shape = torch.broadcast_shapes(a.shape, b.shape)  # type: ignore[no-untyped-call]
    except RuntimeError as error:
        raise ValueError(f"b {list(b.shape)} does not broadcast with a {list(a.shape)}") from error
    if uses_triton(engine, a=a, b=b):
        from geoagent_kernels._triton import spatial

        rows = [points.expand(shape).reshape(-1, 2) for points in (a, b)]
        return spatial.distance(rows[0], rows[1], radius_km).view(shape[:-1])
    return reference.great_circle_km(a, b, radius_km=radius_km).float()


@torch.no_grad()
def spatial_reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    *,
    tau_km: float = 200.0,
    cutoff_km: float = 2000.0,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> SpatialReward:
    """Return `exp(-d / tau)` below the cut-off, 0 from it on (GeoAgent, arXiv 2602.12617).

    Args:
        pred: [N, 2] degrees (lat, lon), float32 or float64.
        true: [N, 2], or [P, 2] where N = P * G and G consecutive predictions share a truth.
        tau_km: decay length.
        cutoff_km: distance from which the reward is 0; `math.inf` for none.
        radius_km: radius of the sphere; the paper uses 6371.0.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, naming the argument.
    """
    check_positive("tau_km", tau_km)
    return reward_over_scales(
        pred,
        true,
        taus_km=(tau_km,),
        weights=(1.0,),
        cutoff_km=cutoff_km,
        radius_km=radius_km,
        engine=engine,
    )


@as_graph_op(
    lambda pred, **_: tuple(
        pred.new_empty(pred.shape[0], dtype=dtype)
        for dtype in (torch.float32, torch.float32, torch.bool)
    ),
    SpatialReward,
)
@torch.no_grad()
def reward_over_scales(
    pred: torch.Tensor,
    true: torch.Tensor,
    *,
    taus_km: tuple[float, ...],
    weights: tuple[float, ...],
    cutoff_km: float,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> SpatialReward:
    """Check the points and compute `sum_k w_k exp(-d / tau_k)` on the engine of their device."""
    check_coordinates("pred", pred, dims=2)
    check_coordinates("true", true, dims=2)
    check_positive("cutoff_km", cutoff_km, infinite=True)
    check_positive("radius_km", radius_km)
    group = completions_per_target("true", pred.shape[0], true.shape[0])
    if uses_triton(engine, pred=pred, true=true):
        from geoagent_kernels._triton import spatial

        return SpatialReward(
            *spatial.reward(pred, true, group, taus_km, weights, cutoff_km, radius_km)
        )
    return SpatialReward(
        *_cpu.spatial_reward(
            pred, true, taus_km=taus_km, weights=weights, cutoff_km=cutoff_km, radius_km=radius_km
        )
    )
