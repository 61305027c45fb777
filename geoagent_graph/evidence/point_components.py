"""Claims that name a point: the position in the file, the places of similar photos."""

from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.likelihood import Signal, sparse_sum
from geoagent_graph.evidence.towns import Floats, Indices, TownTable

_EXACT_KM = 25.0
_REACH_SCALES = 4.0
_WIDER_KM = (100.0, 400.0, 1500.0, 6000.0, 20100.0)


@dataclass(frozen=True, slots=True, eq=False)
class PointClaim:
    """A point that is the truth with probability `weight`; else it says nothing.

    `ratio` is P(town | the claim is true) / P(town), for the towns around; it is largest for the
    nearest. `scale_km` says how far around the truth may lie.
    """

    lat_deg: float
    lon_deg: float
    weight: float
    towns: Indices
    ratio: Floats
    scale_km: float

    @property
    def is_exact(self) -> bool:
        """Whether the claim means its very point, not a region around it."""
        return self.scale_km <= _EXACT_KM

    @property
    def nearest(self) -> int:
        """The row of the town nearest to the point."""
        return int(self.towns[np.argmax(self.ratio)])


def point_claim(
    town_table: TownTable,
    prior: Floats,
    lat_deg: float,
    lon_deg: float,
    weight: float,
    scale_km: float,
) -> PointClaim:
    """Return a claim about a point; towns count less the farther beyond the nearest they are."""
    towns, away_km = town_table.near(lat_deg, lon_deg, _REACH_SCALES * scale_km)
    for radius_km in _WIDER_KM:
        if len(towns):
            break
        towns, away_km = town_table.near(lat_deg, lon_deg, radius_km)
    order = np.argsort(towns)
    towns, away_km = towns[order], away_km[order]
    kernel = np.exp(-(away_km - away_km.min()) / scale_km)
    ratio = kernel / float(prior[towns] @ kernel)
    return PointClaim(lat_deg, lon_deg, weight, towns, ratio, scale_km)


def signal_of_claims(
    claims: list[PointClaim],
    town_table: TownTable,
    source: str,
    says: str,
    clue_ids: tuple[str, ...],
) -> Signal:
    """Return the mixture of claims of which at most one is true; the weights sum to less than 1."""
    nothing = 1.0 - sum(claim.weight for claim in claims)
    parts = [(claim.towns, claim.weight * claim.ratio) for claim in claims]
    towns, value = sparse_sum(parts)
    return Signal(
        source=source,
        says=says,
        clue_ids=clue_ids,
        country=np.full(len(town_table.codes), np.log(nothing)),
        towns=towns,
        town_log=np.log1p(value / nothing),
    )
