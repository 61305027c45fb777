"""What a system must beat: points that need no photo, or no agent. NumPy in, NumPy out.

Distances are great-circle, on a sphere of radius 6371.0088 km.
"""

from dataclasses import dataclass

import numpy as np

from geoagent_evaluation.contract.tables import CandidateTable, Floats, Ints

EARTH_RADIUS_KM = 6371.0088
MAX_TRIED_POINTS = 2000
"""Of more references or photos a sample is tried as the constant: the cost is their square."""
DEFAULT_BANDWIDTH_KM = 500.0
"""Of the density over reference photos; set by hand, about the size of a country."""
DEFAULT_SHARPNESS = 20.0
"""A reference photo weighs exp(20 * cosine): set by hand; 0.1 more of a cosine is a factor of 7."""
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Points:
    """Points in degrees, one array each; NaN where there is none."""

    lat_deg: Floats
    lon_deg: Floats

    def __len__(self) -> int:
        return len(self.lat_deg)

    def at(self, rows: Ints) -> "Points":
        """Return the points of some rows."""
        return Points(self.lat_deg[rows], self.lon_deg[rows])

    @property
    def vectors(self) -> Floats:
        """The unit vectors, shape [n, 3]."""
        lat, lon = np.radians(self.lat_deg), np.radians(self.lon_deg)
        return np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=1)


def best_constant(references: Points, seed: int = 0) -> Points:
    """Return the reference point whose median distance to all references is least, shape [1].

    It is chosen on the references alone, so nothing of the photos that are scored is known to it.
    """
    tried = _sample(len(references), seed)
    medians = np.median(_distances_km(references.at(tried), references), axis=1)
    return references.at(tried[[int(np.argmin(medians))]])


def best_constant_left_out(photos: Points, clusters: list[str], seed: int = 0) -> Points:
    """Return for each photo the best constant chosen on the photos of all other places.

    Args:
        photos: the true points, none of them NaN.
        clusters: the place of each photo; its own place is left out.
        seed: of the sample that is tried, where there are many photos.

    A photo whose place is the only one gets NaN.
    """
    _, member = np.unique(np.array(clusters, dtype=str), return_inverse=True)
    tried = _sample(len(photos), seed)
    distances = _distances_km(photos.at(tried), photos)
    chosen = np.full(len(photos), -1, dtype=np.int64)
    for cluster in np.unique(member).tolist():
        inside = member == cluster
        usable = np.flatnonzero(~inside[tried])
        if len(usable):
            medians = np.median(distances[np.ix_(usable, np.flatnonzero(~inside))], axis=1)
            chosen[inside] = tried[usable[int(np.argmin(medians))]]
    return _points_or_nan(photos, chosen)


def nearest_reference(offsets: Ints, references: Points, scores: Floats) -> Points:
    """Return the most similar reference of each photo; NaN for one without references.

    Args:
        offsets: photo `i` has the references `offsets[i]:offsets[i + 1]`, shape [n + 1].
        references: all of them, one photo's after the other's.
        scores: how similar each is.
    """
    chosen = np.full(len(offsets) - 1, -1, dtype=np.int64)
    for row, (start, end) in enumerate(
        zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ):
        if end > start:
            chosen[row] = start + int(np.argmax(scores[start:end]))
    return _points_or_nan(references, chosen)


def densest_reference(
    offsets: Ints,
    references: Points,
    scores: Floats,
    bandwidth_km: float = DEFAULT_BANDWIDTH_KM,
    sharpness: float = DEFAULT_SHARPNESS,
) -> Points:
    """Return for each photo the reference at which the density over its references is highest.

    The density is a sum of kernels exp(-(distance / bandwidth)^2 / 2), each weighing
    exp(sharpness * score). Arguments as `nearest_reference`.
    """
    vectors = references.vectors
    chosen = np.full(len(offsets) - 1, -1, dtype=np.int64)
    for row, (start, end) in enumerate(
        zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ):
        if end > start:
            here = vectors[start:end]
            away = _chord_to_km(here @ here.T)
            weights = np.exp(sharpness * (scores[start:end] - scores[start:end].max()))
            density = np.exp(-0.5 * (away / bandwidth_km) ** 2) @ weights
            chosen[row] = start + int(np.argmax(density))
    return _points_or_nan(references, chosen)


def oracle_candidate(candidates: CandidateTable, truth: Points) -> Points:
    """Return the candidate of each photo that is nearest to the truth; NaN for none.

    No system: it knows the truth, and says what a perfect choice among the candidates would reach.
    """
    points = Points(candidates.lat_deg, candidates.lon_deg)
    chosen = np.full(len(truth), -1, dtype=np.int64)
    vectors, true = points.vectors, truth.vectors
    for row in range(len(truth)):
        inside = candidates.row(row)
        cosines = vectors[inside] @ true[row]
        if np.isfinite(cosines).any():
            chosen[row] = inside.start + int(np.nanargmax(cosines))
    return _points_or_nan(points, chosen)


def _sample(number: int, seed: int) -> Ints:
    rows = np.arange(number, dtype=np.int64)
    if number <= MAX_TRIED_POINTS:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, MAX_TRIED_POINTS, replace=False))


def _distances_km(first: Points, second: Points) -> Floats:
    """Return the distances, shape [len(first), len(second)]."""
    one, other = first.vectors, second.vectors
    away = np.empty((len(first), len(second)))
    for start in range(0, len(first), _BLOCK):
        away[start : start + _BLOCK] = _chord_to_km(one[start : start + _BLOCK] @ other.T)
    return away


def _chord_to_km(cosines: Floats) -> Floats:
    return np.asarray(EARTH_RADIUS_KM * np.arccos(np.clip(cosines, -1.0, 1.0)))


def _points_or_nan(points: Points, chosen: Ints) -> Points:
    """Return the chosen points; NaN where the choice is -1."""
    if not len(points):
        return Points(np.full(len(chosen), np.nan), np.full(len(chosen), np.nan))
    found = points.at(np.maximum(chosen, 0))
    none = chosen < 0
    return Points(np.where(none, np.nan, found.lat_deg), np.where(none, np.nan, found.lon_deg))
