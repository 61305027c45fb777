"""The joint posterior of several photos of one trip: a tree of places, weighed exactly.

Photos with a time are a chain in the order of their times, with the travel factor of each gap. The
others hang on one more variable, a place of the trip, as does the middle of the chain, by the
factor without times. Times that files claim may be wrong: the tree without them is weighed beside
the tree with them, by how well the photos fit each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.tables import fitted
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.evidence.trip.deduplication import without_repeats
from geoagent_graph.evidence.trip.explanation import contradiction_words, described
from geoagent_graph.evidence.trip.single_photo import alone_over_towns
from geoagent_graph.evidence.trip.state_space import TripPlaces, trip_places
from geoagent_graph.evidence.trip.sum_product import Edge, Marginals, marginals
from geoagent_graph.evidence.trip.travel_prior import hours_between, travel_factor
from geoagent_graph.trip_types import MAX_PHOTOS, Joined, PhotoEvidence, in_time

if TYPE_CHECKING:
    from geoagent_graph.evidence.evidence_model import BayesEvidence

FORMULA = "travel/1"
BAD_FIT = -2.0
"""Photos that fit together this badly (decimal logarithm) are worth a warning."""


@dataclass(frozen=True, eq=False)
class Trip:
    """The photos weighed together.

    `alone` and `together` have one row per photo, over towns; `tree` is the likelier of the two
    trees; `chain` are the photos with a time in the order of their times.
    """

    photos: Sequence[PhotoEvidence]
    places: TripPlaces
    alone: Floats
    together: Floats
    tree: Marginals
    chain: tuple[int, ...]
    times_right: float | None
    log_fit: float
    repeated: tuple[str, ...]


def join_photos(model: "BayesEvidence", photos: Sequence[PhotoEvidence]) -> Joined:
    """Return what the photos say together, in the order given; that order changes nothing.

    Raises:
        InputError: there are none, or too many.
    """
    if not 1 <= len(photos) <= MAX_PHOTOS:
        raise InputError(f"{len(photos)} photos: a trip takes 1 to {MAX_PHOTOS}")
    # one order for all the arithmetic, so that rounding does not depend on the order given either
    order = sorted(range(len(photos)), key=lambda index: photos[index].key)
    trip = weigh_trip(model, [photos[index] for index in order])
    found = {index: described(model, trip, row) for row, index in enumerate(order)}
    fits = bool(np.isfinite(trip.log_fit))
    warnings = [*_mixed_clocks(photos), *trip.repeated]
    fit = float(trip.log_fit / np.log(10.0)) if fits else None
    if fit is not None and fit < BAD_FIT:
        warnings.append(
            f"the photos fit together {10.0**-fit:,.0f} times worse than photos of unrelated "
            "places: one of them may be of another trip, or one of their times wrong"
        )
    if fits and trip.times_right is not None and trip.times_right < 0.5:
        warnings.append("the times that the files claim are more likely wrong than right")
    return Joined(
        photos=tuple(found[index] for index in range(len(photos))),
        fit=fit,
        contradiction=None if fits else contradiction_words(model, trip),
        times_right=trip.times_right,
        warnings=tuple(warnings),
        formula=FORMULA,
    )


def weigh_trip(model: "BayesEvidence", photos: Sequence[PhotoEvidence]) -> Trip:
    """Return the joint posterior over towns."""
    timed = in_time([(photo.taken, photo.key) for photo in photos])
    alone = np.stack([alone_over_towns(model, photo) for photo in photos])
    fresh, repeated = _fresh(model, photos, alone, timed)
    places = trip_places(model.town_table, model.prior, list(alone))
    gathered = np.stack([places.gathered(row) for row in fresh])
    sure = tuple(i for i in timed if _said_by_person(photos[i]))
    trees = [_tree(photos, places, gathered, timed)]
    weights = np.ones(1)
    times_right = None
    if len(timed) > 1 and sure != timed:
        trees.append(_tree(photos, places, gathered, sure if len(sure) > 1 else ()))
        wrong = fitted("exif")["false"]
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
        alone if not np.isfinite(log_fit) else _over_towns(fresh, gathered, over_places, places)
    )
    tree = trees[best]
    return Trip(photos, places, alone, together, tree, timed, times_right, log_fit, repeated)


def _fresh(
    model: "BayesEvidence",
    photos: Sequence[PhotoEvidence],
    alone: Floats,
    timed: tuple[int, ...],
) -> tuple[Floats, tuple[str, ...]]:
    """Return P(town | what only this photo shows), one row per photo, and what is to be said."""
    order = [*timed, *(row for row in range(len(photos)) if row not in timed)]
    kept, warnings = without_repeats([photos[row] for row in order])
    rows = alone.copy()
    for row, photo in zip(order, kept, strict=True):
        if photo is not photos[row]:
            rows[row] = alone_over_towns(model, photo)
    return rows, tuple(warnings)


def _over_towns(alone: Floats, gathered: Floats, joint: Floats, places: TripPlaces) -> Floats:
    """Return the joint posterior over towns: inside a place they keep their proportions."""
    ratio = np.divide(joint, gathered, out=np.zeros_like(joint), where=gathered > 0)
    return alone * ratio[:, places.place_of]


def _tree(
    photos: Sequence[PhotoEvidence], places: TripPlaces, gathered: Floats, chain: tuple[int, ...]
) -> Marginals:
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
        gathered = np.vstack([gathered, places.prior])
    return marginals(gathered, edges)


def _said_by_person(photo: PhotoEvidence) -> bool:
    return photo.taken is not None and photo.taken.said_by == "person"


def _mixed_clocks(photos: Sequence[PhotoEvidence]) -> list[str]:
    clocks = {photo.taken.clock for photo in photos if photo.taken is not None}
    if len(clocks) < 2:
        return []
    return [
        "some photos have a date and others a time since a video began: the latter do not count"
    ]
