"""The two published GeoScores of a distance."""

from types import MappingProxyType
from typing import Literal

import torch

from geoagent_kernels import reference
from geoagent_kernels._checks import check_numbers

GeoScoreScale = Literal["osv5m", "geoagent"]

SCALES_KM = MappingProxyType({"osv5m": 1492.7, "geoagent": 1805.0})


@torch.no_grad()
def geoscore(distance_km: torch.Tensor, *, scale: GeoScoreScale) -> torch.Tensor:
    """Return `5000 exp(-d / scale)` for each distance, float32, same shape.

    Args:
        distance_km: kilometres, any shape, floating point.
        scale: `osv5m` (1492.7 km: OSV-5M, PIGEON, PLONK) or `geoagent` (18050 / 10 km: the
            GeoAgent paper). The two differ by up to 350 points, so a score always names its scale.

    Returns:
        Scores in 0..5000; 0 where the distance is NaN (an invalid point) or negative. Elementwise
        PyTorch on every device: there is no kernel to gain.

    Raises:
        ValueError: if `distance_km` is not floating point or `scale` is unknown.
    """
    check_numbers("distance_km", distance_km, (None,) * getattr(distance_km, "ndim", 0))
    if scale not in SCALES_KM:
        raise ValueError(f"scale must be one of {sorted(SCALES_KM)}, got {scale!r}")
    return reference.geoscore(distance_km, scale_km=SCALES_KM[scale]).float()
