"""The best single point of a posterior, and the radius that holds the truth nine times of ten."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.sphere import HALF_CIRCUMFERENCE_KM, chord_to_km, unit_vectors
from geoagent_graph.protocols import PointEstimate

_SCALES_KM = (25.0, 200.0, 750.0, 2500.0)
_MAX_TOWNS = 1500
_MAX_CANDIDATES = 60
_KEPT_MASS = 0.999
_MIN_CELL_MASS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class WeightedPoints:
    """Points on the unit sphere with probabilities that sum to 1, and how far each spreads.

    `settled` tells towns and claimed points from the middles of cells, where nobody may live.
    `continent` tells the points of one continent from those of another, by any numbers.
    """

    vectors: Floats
    mass: Floats
    scatter_km: Floats
    settled: NDArray[np.bool_]
    continent: Indices


def best_point(points: WeightedPoints, *, only_settled: bool = False) -> PointEstimate:
    """Return the best point of a weighted set, and its radius.

    The point maximises the expected mean of exp(-distance / scale) over 25, 200, 750 and 2500 km:
    near the likeliest town when one stands out, in the middle of the mass when none does. With
    `only_settled` it is one of the towns or claimed points themselves: a middle of them may lie in
    what was ruled out.
    """
    counted = points.settled if only_settled else np.ones_like(points.settled)
    order = np.argsort(-np.where(counted, points.mass, -1.0))
    order = order[: min(_MAX_CANDIDATES, int(counted.sum()))]
    middle = points.mass @ points.vectors
    length = float(np.linalg.norm(middle))
    candidates = points.vectors[order]
    if length > 1e-6 and not only_settled:
        candidates = np.vstack([candidates, middle[None] / length])
    chords = np.sqrt(np.maximum(0.0, 2 - 2 * candidates @ points.vectors.T))
    away_km = chord_to_km(chords)
    gain = sum((np.exp(-away_km / scale) @ points.mass for scale in _SCALES_KM), np.zeros(()))
    best = int(np.argmax(gain))
    # the middle of the mass may lie in the sea: take it only where it is the best by far
    lat = float(np.degrees(np.arcsin(np.clip(candidates[best, 2], -1, 1))))
    lon = float(np.degrees(np.arctan2(candidates[best, 1], candidates[best, 0])))
    lon = (lon + 180.0) % 360.0 - 180.0
    return PointEstimate(lat, lon, _radius_km(away_km[best], points))


def points_with_masses(
    town_table: TownTable,
    towns: Indices | slice,
    probability: Floats,
    points: list[tuple[PointComponent, float]],
) -> WeightedPoints:
    """Return towns and claimed points with their shares of the probability.

    Args:
        town_table: all towns.
        towns: those of the region.
        probability: of each of these towns.
        points: points inside the region with the probability that they are the truth; it is taken
            from the towns around them.
    """
    mass = probability.copy()
    rows = np.arange(len(town_table))[towns]
    for point, share in points:
        where = np.searchsorted(rows, point.towns)
        where = where[(where < len(rows)) & (rows[np.minimum(where, len(rows) - 1)] == point.towns)]
        held = float(mass[where].sum())
        if held > 0:
            mass[where] *= max(0.0, 1.0 - share / held)
    vectors, masses, scatter, towns_of_points, likely = _thin_out(town_table, rows, mass)
    settled = np.arange(len(masses) + len(points))
    point_vectors = [unit_vectors(point.lat_deg, point.lon_deg) for point, _ in points]
    shares = np.array([share for _, share in points])
    at_points = np.array([point.towns[np.argmax(point.ratio)] for point, _ in points], np.int64)
    usual_km = parameters().radius.point_km
    around = [usual_km if point.radius_km is None else point.radius_km for point, _ in points]
    return WeightedPoints(
        vectors=np.vstack([vectors, *point_vectors]),
        mass=np.concatenate([masses, shares]) / float(masses.sum() + shares.sum()),
        scatter_km=np.concatenate([scatter, np.array(around, dtype=np.float64)]),
        settled=(settled < likely) | (settled >= len(masses)),
        continent=town_table.continent_numbers[np.concatenate([towns_of_points, at_points])],
    )


def _thin_out(
    town_table: TownTable, rows: Indices, mass: Floats
) -> tuple[Floats, Floats, Floats, Indices, int]:
    """Return (vectors, masses, scatter_km, a town, towns) of likely towns and of cells of a degree.

    The first `towns` rows are towns, the others cells.
    """
    order = np.argsort(-mass)
    likely = order[: min(_MAX_TOWNS, int(np.searchsorted(np.cumsum(mass[order]), _KEPT_MASS)) + 1)]
    others = order[len(likely) :]
    vectors = town_table.vectors[rows[likely]].astype(np.float64)
    # single precision makes them so much too long or short that 2 km of distance are lost
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # a photo is taken somewhere around the middle of its town
    radius = parameters().radius
    scatter = (
        radius.town_km
        * np.maximum(1.0, town_table.population[rows[likely]] / 1e5) ** radius.town_power
    )
    cell = town_table.degree_cells[rows[others]]
    counts = np.bincount(cell)
    cells = np.flatnonzero(counts)
    first = np.zeros(len(counts), dtype=np.int64)
    first[cell[::-1]] = np.arange(len(cell))[::-1]  # of several the one written last stays
    cell_mass = np.bincount(cell, mass[others])[cells]
    kept = cell_mass > _MIN_CELL_MASS
    sums = np.stack(
        [
            np.bincount(cell, mass[others] * town_table.vectors[rows[others], axis])[cells]
            for axis in range(3)
        ],
        axis=1,
    )[kept]
    centres = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    return (
        np.vstack([vectors, centres]),
        np.concatenate([mass[likely], cell_mass[kept]]),
        np.concatenate([scatter, np.full(int(kept.sum()), radius.cell_km)]),
        rows[np.concatenate([likely, others[first[cells[kept]]]])],
        len(likely),
    )


def _radius_km(away_km: Floats, points: WeightedPoints) -> float:
    """Return the distance within which nine tenths lie, of all and of every likely continent.

    The scatter of photos around each point counts. Without the continents a photo of the smallest
    would never lie in the radius of an answer that knows nothing.
    """
    weights = parameters().radius
    # photos are taken farther from towns than people live
    stretched = away_km + np.minimum((weights.stretch - 1.0) * away_km, weights.most_stretch_km)
    reach = np.hypot(stretched, points.scatter_km)
    shares = np.bincount(points.continent, points.mass)
    likely = np.flatnonzero(shares >= weights.least_continent)
    groups = [points.continent == number for number in likely.tolist()]
    radii = [_held_quantile_km(reach[group], points.mass[group]) for group in groups]
    return max(_held_quantile_km(reach, points.mass), *radii, 0.0)


def _held_quantile_km(reach_km: Floats, mass: Floats) -> float:
    """Return the distance that holds the share of the mass that a radius is to hold."""
    order = np.argsort(reach_km)
    within = np.cumsum(mass[order]) / mass.sum()
    position = int(np.searchsorted(within, parameters().radius.held))
    if position >= len(order):
        return float(HALF_CIRCUMFERENCE_KM)
    return float(min(reach_km[order[position]], HALF_CIRCUMFERENCE_KM))
