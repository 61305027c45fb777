"""A point that may be the truth: the position in the file, the place of a similar photo."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.towns import Floats, Indices, TownTable

MAX_EXACT_KM = 25.0
_REACH_SCALES = 4.0
_WIDER_KM = (100.0, 400.0, 1500.0, 6000.0, 20100.0)


@dataclass(frozen=True, slots=True, eq=False)
class PointComponent:
    """A point that is the truth with probability `weight`; else it says nothing.

    `ratio` is P(town | the point is true) / P(town), for the towns around; it is largest for the
    nearest. `scale_km` says how far around the truth may lie. `radius_km` holds the truth of a
    point that is claimed with an error of its own, None of one that is not: there the towns are
    neighbours, here those whose the point may be.
    """

    lat_deg: float
    lon_deg: float
    weight: float
    towns: Indices
    ratio: Floats
    scale_km: float
    radius_km: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the very point is meant, not the country around it."""
        return self.radius_km is not None or self.scale_km <= MAX_EXACT_KM

    def may_lie_in(self, inside: NDArray[np.bool_]) -> bool:
        """Return whether the point may be one of the towns told, shape [all towns]."""
        if self.radius_km is None:
            return bool(inside[self.nearest])
        return bool(inside[self.towns].any())

    @property
    def nearest(self) -> int:
        """The row of the town nearest to the point."""
        return int(self.towns[np.argmax(self.ratio)])


def point_component(
    town_table: TownTable,
    prior: Floats,
    lat_deg: float,
    lon_deg: float,
    weight: float,
    scale_km: float,
) -> PointComponent:
    """Return a point of a mixture; towns count less the farther beyond the nearest they are.

    ratio(town) = k(town) / sum over towns t of prior(t) k(t), with the kernel
    k(town) = exp(-(km to the town - km to the nearest town) / scale_km).
    """
    towns, away_km = _towns_around(town_table, lat_deg, lon_deg, _REACH_SCALES * scale_km)
    order = np.argsort(towns)
    towns, away_km = towns[order], away_km[order]
    kernel = np.exp(-(away_km - away_km.min()) / scale_km)
    ratio = kernel / float(prior[towns] @ kernel)
    return PointComponent(lat_deg, lon_deg, weight, towns, ratio, scale_km)


def claimed_point(
    prior: Floats,
    lat_deg: float,
    lon_deg: float,
    weight: float,
    towns: Indices,
    shares: Floats,
    radius_km: float,
) -> PointComponent:
    """Return a point that is claimed with an error of its own.

    ratio(town) = share(town) / prior(town): if the claim is true it is one of these towns, however
    few people live there.

    Args:
        prior: P(town), shape [all towns].
        lat_deg: latitude of the point.
        lon_deg: its longitude.
        weight: probability that the claim is true.
        towns: rows of the towns whose the point may be, sorted.
        shares: their probabilities if the claim is true; they sum to 1.
        radius_km: holds the truth if the claim is true.
    """
    ratio = shares / prior[towns]
    return PointComponent(lat_deg, lon_deg, weight, towns, ratio, radius_km, radius_km)


def _towns_around(
    town_table: TownTable, lat_deg: float, lon_deg: float, reach_km: float
) -> tuple[Indices, Floats]:
    """Return the towns within reach and their distances, from farther away where there are none."""
    for radius_km in (reach_km, *_WIDER_KM):
        towns, away_km = town_table.near(lat_deg, lon_deg, radius_km)
        if len(towns):
            break
    return towns, away_km
