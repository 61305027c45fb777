"""A spatial reward over several decay lengths, and a schedule that moves between them.

Beyond the paper: `exp(-d / 200)` is nearly flat below 25 km (0.88) and nothing beyond 1000 km, so
it pulls neither at street scale nor at continent scale.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from geoagent_kernels._checks import check_finite, check_positive
from geoagent_kernels._engine import Engine
from geoagent_kernels.reference import EARTH_RADIUS_KM
from geoagent_kernels.spatial import SpatialReward, reward_over_scales


@dataclass(frozen=True)
class SpatialScales:
    """Decay lengths in kilometres and the weight of each."""

    taus_km: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.taus_km:
            raise ValueError("taus_km must hold at least one decay length")
        for tau_km in self.taus_km:
            check_positive("taus_km", tau_km)
        check_finite("weights", self.weights, len(self.taus_km))


ScaleSchedule = Callable[[float], SpatialScales]
"""The hook: progress of the training in 0..1 -> the scales to reward with."""


@dataclass(frozen=True)
class _Linear:
    start: SpatialScales
    end: SpatialScales

    def __call__(self, progress: float) -> SpatialScales:
        pairs = zip(self.start.weights, self.end.weights, strict=True)
        weights = tuple((1 - progress) * a + progress * b for a, b in pairs)
        return SpatialScales(self.start.taus_km, weights)


def linear_schedule(start: SpatialScales, end: SpatialScales) -> ScaleSchedule:
    """Return a schedule that moves the weights from `start` to `end` in a straight line.

    From continents to streets, say: `start` weighs 2000 km, `end` weighs 25 km. It can be pickled.

    Raises:
        ValueError: if the two have different decay lengths.
    """
    if start.taus_km != end.taus_km:
        raise ValueError(f"end must have the decay lengths of start, {start.taus_km}")
    return _Linear(start, end)


@torch.no_grad()
def multiscale_reward(
    pred: torch.Tensor,
    true: torch.Tensor,
    *,
    scales: SpatialScales | ScaleSchedule,
    progress: float | None = None,
    cutoff_km: float = math.inf,
    radius_km: float = EARTH_RADIUS_KM,
    engine: Engine = "auto",
) -> SpatialReward:
    """Return `sum_k w_k exp(-d / tau_k)`; no scale, cut-off or weight of it is from the paper.

    Args:
        pred: [N, 2] degrees (lat, lon), float32 or float64.
        true: [N, 2], or [P, 2] where G = N / P consecutive predictions share a truth.
        scales: the scales, or a schedule that gives them from `progress`.
        progress: 0 at the start of training, 1 at its end; needed by a schedule only.
        cutoff_km: distance from which the reward is 0.
        radius_km: radius of the sphere.
        engine: `auto` picks by device.

    Raises:
        ValueError: for a wrong dtype, shape, device or number, or a schedule without `progress`.
    """
    if not isinstance(scales, SpatialScales):
        if progress is None or not 0 <= progress <= 1:
            raise ValueError(f"progress must be in 0..1 for a schedule, got {progress}")
        scales = scales(progress)
    return reward_over_scales(
        pred,
        true,
        taus_km=scales.taus_km,
        weights=scales.weights,
        cutoff_km=cutoff_km,
        radius_km=radius_km,
        engine=engine,
    )
