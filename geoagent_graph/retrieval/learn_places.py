"""What an index learns of places from its own photos, or why it learns nothing."""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.installation import extra_command
from geoagent_graph.retrieval.cell_classifier import CellClassifier, ClassifierSkill, Likeness
from geoagent_graph.retrieval.fit_classifier import MAX_PHOTOS, MIN_PLACES, fit_classifier
from geoagent_graph.retrieval.geocells import LocatedPhotos
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.reference_table import ReferenceRow

SAME_PLACE_KM: Final = 1.0
LIKENESS_HITS: Final = 30
LIKENESS_PHOTOS: Final = 500
LOW_LIKENESS, USUAL_LIKENESS = 0.05, 0.25
"""Quantiles over the index's photos; set by hand, checked on photos of signs and on `dev`."""
EARTH_RADIUS_KM: Final = 6371.0088


def learn_places(
    embeddings_of: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    rows: Sequence[ReferenceRow],
    on_stage: Callable[[str], object],
    places: PlaceVectors | None = None,
) -> tuple[CellClassifier | None, str]:
    """Return the classifier of an index, None where none is worth keeping, and a line about it.

    Args:
        embeddings_of: the unit vectors of some of the rows, shape [rows, dimension].
        rows: the photos of the index.
        on_stage: told in words that learning begins.
        places: the vectors to learn from instead, of some of the rows.
    """
    if importlib.util.find_spec("sklearn") is None:
        return None, f"learning places needs scikit-learn: {extra_command('learn')}"
    chosen = np.arange(len(rows), dtype=np.int64) if places is None else places.rows
    if places is None and len(rows) > MAX_PHOTOS:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MAX_PHOTOS, replace=False))
    photos = locate_photos([rows[row] for row in chosen.tolist()])
    if len(np.unique(photos.place)) < MIN_PLACES:
        return None, describe_skill(None, is_kept=False)
    on_stage("learning places")
    embeddings = np.asarray(embeddings_of(chosen))
    vectors = embeddings if places is None else places.vectors
    classifier, skill = fit_classifier(np.asarray(vectors, np.float32), photos)
    if classifier is not None:
        classifier = replace(classifier, likeness=measure_likeness(embeddings, photos.place))
    return classifier, describe_skill(skill, is_kept=classifier is not None)


def measure_likeness(embeddings: NDArray[np.float32], place: NDArray[np.int64]) -> Likeness:
    """Return how like photos are to their nearest of other places; some of them stand for all.

    Args:
        embeddings: unit vectors, shape [photos, dimension].
        place: numbers what shows the same place, shape [photos].
    """
    count = min(len(place), LIKENESS_PHOTOS)
    drawn = np.random.default_rng(0).choice(len(place), count, replace=False)
    cosines = embeddings[drawn] @ embeddings.T
    cosines[place[drawn, None] == place] = -1.0
    hits = min(LIKENESS_HITS, len(np.unique(place)) - 1)
    nearest = np.partition(cosines, -hits, axis=1)[:, -hits:].mean(axis=1)
    low, usual = np.quantile(nearest.astype(np.float64), [LOW_LIKENESS, USUAL_LIKENESS])
    return Likeness(hits=hits, low=float(low), usual=float(usual))


def locate_photos(rows: Sequence[ReferenceRow]) -> LocatedPhotos:
    """Return where photos were taken; those of one cluster, or near each other, are one place.

    Near is within `SAME_PLACE_KM` of one another, or of photos between them: a town that is full
    of photos is one place, so that a classifier is measured on towns that it has not seen.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from sklearn.cluster import DBSCAN

    lat_deg = np.array([row.lat_deg for row in rows])
    lon_deg = np.array([row.lon_deg for row in rows])
    points = np.radians(np.stack([lat_deg, lon_deg], axis=1))
    reach = SAME_PLACE_KM / EARTH_RADIUS_KM
    area = DBSCAN(eps=reach, min_samples=1, metric="haversine").fit_predict(points)
    names = [row.cluster_id or row.sha256 for row in rows]
    cluster = np.unique(names, return_inverse=True)[1] + len(rows)
    pairs = coo_array((np.ones(len(rows)), (area, cluster)), shape=(2 * len(rows), 2 * len(rows)))
    place = connected_components(pairs, directed=False)[1][area]
    country = np.array([row.country_code for row in rows])
    return LocatedPhotos(lat_deg, lon_deg, country, place.astype(np.int64))


def describe_skill(skill: ClassifierSkill | None, *, is_kept: bool) -> str:
    """Return in one line what a classifier is worth."""
    if skill is None:
        return (
            f"learnt no places: photos of {MIN_PLACES} places in more than one country are needed"
        )
    gain = f"{skill.gain_nats:+.2f} nats a photo ({skill.low_nats:+.2f} to {skill.high_nats:+.2f})"
    right = (
        f"country {skill.country_right:.0%} against {skill.country_right_by_prior:.0%} by the "
        "shares of the photos"
    )
    said = f"{skill.cells} cells, held out by place: {gain}, {right}, {skill.places} places"
    return f"learnt places: {said}" if is_kept else f"learnt no places, not beyond chance: {said}"
