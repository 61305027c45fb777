"""The joint posterior of several photos of one trip: a tree of places, weighed exactly.

Photos with a time are a chain in the order of their times, with the travel factor of each gap. The
others hang on one more variable, a place of the trip, as does the middle of the chain, by the
factor without times. Times that files claim may be wrong: the tree without them is weighed beside
the tree with them, by how well the photos fit each.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.evidence.trip.deduplication import deduplicate_photos
from geoagent_graph.evidence.trip.single_photo import single_photo_posterior
from geoagent_graph.evidence.trip.state_space import TripPlaces, trip_places
from geoagent_graph.evidence.trip.sum_product import Edge, Marginals, marginals
from geoagent_graph.evidence.trip.travel_prior import hours_between, imbalance, travel_factor
from geoagent_graph.evidence.trip.trip import Trip
from geoagent_graph.trip_types import PhotoEvidence, order_by_time


def weigh_trip(model: BayesEvidence, photos: Sequence[PhotoEvidence]) -> Trip:
    """Return the joint posterior over towns."""
    timed = order_by_time([(photo.taken, photo.key) for photo in photos])
    alone = np.stack([single_photo_posterior(model, photo) for photo in photos])
    fresh, repeated = _posteriors_of_fresh(model, photos, alone, timed)
    places = trip_places(model.town_table, model.prior, list(alone))
    sum_by_place = np.stack([places.sum_by_place(row) for row in fresh])
    sure = tuple(i for i in timed if _is_time_of_person(photos[i]))
    edges = _edges_of_tree(photos, places, timed)
    trees = [_marginals_of_tree(places, sum_by_place, edges)]
    weights = np.ones(1)
    times_right = None
    if len(timed) > 1 and sure != timed:
        without_times = _edges_of_tree(photos, places, sure if len(sure) > 1 else ())
        trees.append(_marginals_of_tree(places, sum_by_place, without_times))
        edges = edges + without_times
        wrong = parameters().exif.false_time
        logs = np.array([tree.log_total for tree in trees]) + np.log([1.0 - wrong, wrong])
        top = float(logs.max())
        weights = np.exp(logs - top) if np.isfinite(top) else np.array([1.0, 0.0])
        weights = weights / weights.sum()
        times_right = float(weights[0])
        log_fit = top + float(np.log(np.exp(logs - top).sum())) if np.isfinite(top) else -np.inf
    else:
        log_fit = trees[0].log_total
    number = len(photos)
    over_places = sum(
        (w * tree.probability[:number] for w, tree in zip(weights, trees, strict=True)),
        np.zeros((number, len(places.prior))),
    )
    best = int(np.argmax(weights))
    together = (
        alone if not np.isfinite(log_fit) else _over_towns(fresh, sum_by_place, over_places, places)
    )
    tree = trees[best]
    off = max((imbalance(edge.factor, places.prior) for edge in edges), default=0.0)
    return Trip(photos, places, alone, together, tree, timed, times_right, log_fit, repeated, off)


def _posteriors_of_fresh(
    model: BayesEvidence,
    photos: Sequence[PhotoEvidence],
    alone: Floats,
    timed: tuple[int, ...],
) -> tuple[Floats, tuple[str, ...]]:
    """Return P(town | what only this photo shows), one row per photo, and what is to be said."""
    order = [*timed, *(row for row in range(len(photos)) if row not in timed)]
    kept, warnings = deduplicate_photos([photos[row] for row in order], model.sources)
    rows = alone.copy()
    for row, photo in zip(order, kept, strict=True):
        if photo is not photos[row]:
            rows[row] = single_photo_posterior(model, photo)
    return rows, tuple(warnings)


def _over_towns(alone: Floats, sum_by_place: Floats, joint: Floats, places: TripPlaces) -> Floats:
    """Return the joint posterior over towns: inside a place they keep their proportions."""
    ratio = np.divide(joint, sum_by_place, out=np.zeros_like(joint), where=sum_by_place > 0)
    return alone * ratio[:, places.place_of]


def _edges_of_tree(
    photos: Sequence[PhotoEvidence], places: TripPlaces, chain: tuple[int, ...]
) -> list[Edge]:
    """Return the travel factors between photos; what hangs on no time hangs on one more place."""
    edges = []
    for first, second in pairwise(chain):
        one, other = photos[first].taken, photos[second].taken
        if one is not None and other is not None:
            factor = travel_factor(places, hours_between(one, other, places))
            edges.append(Edge(first, second, factor))
    hanging = [i for i in range(len(photos)) if i not in chain]
    if hanging and len(photos) > 1:
        if chain:
            hanging.append(chain[len(chain) // 2])
        anywhere = travel_factor(places, None)
        edges += [Edge(len(photos), photo, anywhere) for photo in hanging]
    return edges


def _marginals_of_tree(
    places: TripPlaces, sum_by_place: Floats, edges: Sequence[Edge]
) -> Marginals:
    if any(edge.first == len(sum_by_place) for edge in edges):
        sum_by_place = np.vstack([sum_by_place, places.prior])
    return marginals(sum_by_place, edges)


def _is_time_of_person(photo: PhotoEvidence) -> bool:
    return photo.taken is not None and photo.taken.said_by == "person"
