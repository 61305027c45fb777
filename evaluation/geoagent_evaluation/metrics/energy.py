"""Scores of a set of weighted candidates: the energy score and the radius that holds half of it."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from geoagent_evaluation.contract.tables import CandidateTable, Floats, Ints
from geoagent_evaluation.metrics.sphere import distance_km

MAX_PAIRS_AT_ONCE: Final = 1 << 20


def energy_scores(
    candidates: CandidateTable, lat_deg: Floats, lon_deg: Floats, true_lat: Floats, true_lon: Floats
) -> Floats:
    """Return the energy score of each row in km; lower is better, NaN without any point.

    E d(X, y) - E d(X, X') / 2 with great-circle distances, X and X' drawn from the row's candidates
    (Gneiting and Raftery 2007, JASA 102:359; on the sphere great-circle distance is of negative
    type, so the score is proper). Candidates with probabilities are the distribution itself, its
    weights scaled to sum to 1; without probabilities they are m samples of it, and the second term
    is over the m (m - 1) pairs of different ones, which is unbiased. Candidates that are a place
    code alone are left out; a row without candidates is its point, whose score is its distance.
    """
    scores = distance_km(lat_deg, lon_deg, true_lat, true_lon)
    points = points_by_row(candidates)
    for rows, members in _rows_by_count(points):
        lat, lon, weight = (column[members] for column in points[1:])
        sampled = np.isnan(weight)
        weight = np.where(sampled, 1.0, weight)
        total = weight.sum(axis=1)
        share = weight / np.where(total > 0, total, np.nan)[:, None]
        near = distance_km(lat, lon, true_lat[rows, None], true_lon[rows, None])
        between = np.einsum("ri,rij,rj->r", share, _pair_distances(lat, lon), share)
        count = members.shape[1]
        if count > 1:
            between = np.where(sampled[:, 0], between * count / (count - 1), between)
        found = (share * near).sum(axis=1) - between / 2
        scores[rows] = np.where(np.isnan(found), scores[rows], found)
    return scores


def half_mass_radius_km(candidates: CandidateTable, lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Return the smallest radius in km around each row's point that holds half the probability.

    Candidates without probabilities have 1/m each. NaN where the candidates that are points hold
    less than a half, and without a point.
    """
    radius = np.full(len(lat_deg), np.nan)
    points = points_by_row(candidates)
    for rows, members in _rows_by_count(points):
        lat, lon, weight = (column[members] for column in points[1:])
        weight = np.where(np.isnan(weight), 1 / members.shape[1], weight)
        away = distance_km(lat, lon, lat_deg[rows, None], lon_deg[rows, None])
        order = np.argsort(away, axis=1)
        held = np.cumsum(np.take_along_axis(weight, order, axis=1), axis=1) >= 0.5 - 1e-12
        first = np.argmax(held, axis=1)
        found = np.take_along_axis(np.take_along_axis(away, order, axis=1), first[:, None], axis=1)
        radius[rows] = np.where(held[:, -1], found[:, 0], np.nan)
    return radius


Points = tuple[Ints, Floats, Floats, Floats]  # offsets [n + 1], latitude, longitude, probability


def points_by_row(candidates: CandidateTable) -> Points:
    """Return the candidates that are points: offsets of the rows, coordinates, probability."""
    held = ~np.isnan(candidates.lat_deg)
    if held.all():
        found = (candidates.lat_deg, candidates.lon_deg, candidates.probability)
        return (candidates.offsets, *found)
    counted = np.concatenate([[0], np.cumsum(held)])
    lat, lon = candidates.lat_deg[held], candidates.lon_deg[held]
    return counted[candidates.offsets], lat, lon, candidates.probability[held]


def _rows_by_count(points: Points) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows [r] that have as many candidates, and where those are [r, count]."""
    offsets = points[0]
    counts = np.diff(offsets)
    for count in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == count)
        at_once = max(1, MAX_PAIRS_AT_ONCE // int(count) ** 2)
        for start in range(0, len(rows), at_once):
            chosen = rows[start : start + at_once]
            yield chosen, offsets[chosen, None] + np.arange(count)


def _pair_distances(lat_deg: Floats, lon_deg: Floats) -> Floats:
    return distance_km(
        lat_deg[:, :, None], lon_deg[:, :, None], lat_deg[:, None, :], lon_deg[:, None, :]
    )
