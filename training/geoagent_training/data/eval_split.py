"""Rows held out for evaluation by place: none of them was taken near a row that is trained on."""

import logging
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.sphere import km_to_chord, unit_vectors
from geoagent_training.data.leakage import near_places
from geoagent_training.data.sources import SourceRow
from geoagent_training.errors import DataError

log = logging.getLogger(__name__)

# Set by hand: the length of a long street, beyond which two photos seldom show the same thing.
APART_KM: Final = 1.0
# The distance at which `geoagent-train leaks` says a row of another file is the same place.
SAME_PLACE_KM: Final = 0.1


def split_by_place(
    rows: Sequence[SourceRow], fraction: float, seed: int
) -> tuple[list[SourceRow], list[SourceRow]]:
    """Return (training, evaluation) rows, in order; the second holds about `fraction` of all.

    Rows that a chain of steps of at most `APART_KM` joins stay together, so that every row of one
    part is farther than that from every row of the other.

    Raises:
        DataError: all rows are one place, or too few for such a fraction.
    """
    groups = _joined_rows(_points_of(rows))
    wanted = round(fraction * len(rows))
    sizes = np.bincount(groups)
    held_out: set[int] = set()
    count = 0
    for group in np.random.default_rng(seed).permutation(len(sizes)):
        if count + sizes[group] <= wanted:
            held_out.add(int(group))
            count += int(sizes[group])
    if not count:
        raise DataError(
            f"eval_fraction: {fraction:g} of {len(rows)} rows cannot be held out by place: they "
            f"stand in {len(sizes)} groups that are {APART_KM:g} km apart. Name eval_data instead"
        )
    parts: tuple[list[SourceRow], list[SourceRow]] = ([], [])
    for row, group in zip(rows, groups.tolist(), strict=True):
        parts[group in held_out].append(row)
    return parts


def warn_of_shared_places(training: Sequence[SourceRow], evaluation: Sequence[SourceRow]) -> None:
    """Say how many rows are trained on at a place that is evaluated."""
    shared = near_places(_points_of(training), _points_of(evaluation), SAME_PLACE_KM)
    if shared:
        log.warning(
            "eval_data: %d of %d training rows were taken within %g km of a row of it, such as %s: "
            "the evaluation will look better than it is",
            len(shared),
            len(training),
            SAME_PLACE_KM,
            training[shared[0][0]].where,
        )


def _points_of(rows: Sequence[SourceRow]) -> NDArray[np.float64]:
    return np.array([[row.photo.lat_deg, row.photo.lon_deg] for row in rows])


def _joined_rows(points: NDArray[np.float64]) -> NDArray[np.int_]:
    """Return the number of the group of each row."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    tree = cKDTree(unit_vectors(points[:, 0], points[:, 1]))
    pairs = tree.query_pairs(float(km_to_chord(APART_KM)), output_type="ndarray")
    ends = (pairs[:, 0], pairs[:, 1])
    joined = coo_array((np.ones(len(pairs)), ends), shape=(len(points), len(points)))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int_)
