"""The best single point of a posterior, and the radius that holds the truth nine times of ten."""

from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.leaves import Floats, Indices, Leaves
from geoagent_graph.evidence.points import PointClaim
from geoagent_graph.evidence.tables import fitted
from geoagent_graph.geo.sphere import HALF_CIRCUMFERENCE_KM, chord_to_km, unit_vectors

_SCALES_KM = (25.0, 200.0, 750.0, 2500.0)
_MAX_TOWNS = 6000
_MAX_CANDIDATES = 60
_KEPT = 0.998
_HELD = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class WeightedPoints:
    """Points on the unit sphere with probabilities; `beyond` is what was left out."""

    vectors: Floats
    mass: Floats
    scatter_km: Floats
    beyond: float


def best_point(points: WeightedPoints) -> tuple[float, float, float]:
    """Return (lat_deg, lon_deg, radius_km) for a weighted set of points.

    The point maximises the expected mean of exp(-distance / scale) over 25, 200, 750 and 2500 km:
    near the likeliest town when one stands out, in the middle of the mass when none does.
    """
    order = np.argsort(-points.mass)[:_MAX_CANDIDATES]
    middle = points.mass @ points.vectors
    length = float(np.linalg.norm(middle))
    candidates = points.vectors[order]
    if length > 1e-6:
        candidates = np.vstack([candidates, middle[None] / length])
    chords = np.sqrt(np.maximum(0.0, 2 - 2 * candidates @ points.vectors.T))
    away_km = chord_to_km(chords)
    gain = sum((np.exp(-away_km / scale) @ points.mass for scale in _SCALES_KM), np.zeros(()))
    best = int(np.argmax(gain))
    # the middle of the mass may lie in the sea: take it only where it is the best by far
    lat = float(np.degrees(np.arcsin(np.clip(candidates[best, 2], -1, 1))))
    lon = float(np.degrees(np.arctan2(candidates[best, 1], candidates[best, 0])))
    return lat, (lon + 180.0) % 360.0 - 180.0, _radius_km(away_km[best], points)


def weighted_points(
    leaves: Leaves,
    towns: Indices | slice,
    probability: Floats,
    claims: list[tuple[PointClaim, float]],
) -> WeightedPoints:
    """Return towns and claimed points with their shares of the probability.

    Args:
        leaves: all towns.
        towns: those of the region.
        probability: of each of these towns.
        claims: points inside the region with the probability that they are the truth; it is taken
            from the towns around them.
    """
    mass = probability.copy()
    rows = np.arange(len(leaves))[towns]
    for claim, share in claims:
        where = np.searchsorted(rows, claim.towns)
        where = where[(where < len(rows)) & (rows[np.minimum(where, len(rows) - 1)] == claim.towns)]
        held = float(mass[where].sum())
        if held > 0:
            mass[where] *= max(0.0, 1.0 - share / held)
    order = np.argsort(-mass)[:_MAX_TOWNS]
    order = order[: int(np.searchsorted(np.cumsum(mass[order]), _KEPT * mass.sum())) + 1]
    vectors = leaves.vectors[towns][order].astype(np.float64)
    point_vectors = [unit_vectors(claim.lat_deg, claim.lon_deg) for claim, _ in claims]
    shares = np.array([share for _, share in claims])
    total = float(mass.sum() + shares.sum())
    numbers = fitted("radius")
    # a photo is taken somewhere around the middle of its town
    scatter = numbers["town_km"] * np.maximum(1.0, leaves.population[towns][order] / 1e5) ** 0.3
    return WeightedPoints(
        vectors=np.vstack([vectors, *point_vectors]),
        mass=np.concatenate([mass[order], shares]) / total,
        scatter_km=np.concatenate([scatter, np.full(len(claims), numbers["point_km"])]),
        beyond=max(0.0, 1.0 - float(mass[order].sum() + shares.sum()) / total),
    )


def _radius_km(away_km: Floats, points: WeightedPoints) -> float:
    """Return the 90 % quantile of the distance, with the scatter of photos around each point."""
    reach = np.hypot(away_km, points.scatter_km)
    order = np.argsort(reach)
    within = np.cumsum(points.mass[order])
    position = int(np.searchsorted(within, _HELD))
    if position >= len(order):
        return float(HALF_CIRCUMFERENCE_KM)
    return float(min(reach[order[position]] * fitted("radius")["stretch"], HALF_CIRCUMFERENCE_KM))
