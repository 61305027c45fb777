"""Several photos of one trip: the joint posterior beside the evidence model of single photos."""

from collections.abc import Sequence

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.trip.explanation import contradiction_words, describe_photo
from geoagent_graph.evidence.trip.joint_posterior import weigh_trip
from geoagent_graph.evidence.trip.trip import Trip
from geoagent_graph.trip_types import MAX_PHOTOS, Joined, PhotoEvidence

FORMULA = "travel/2"


class JointModel:
    """Weighs the photos of a trip by an evidence model of single ones; a `JointEvidence`."""

    def __init__(self, model: BayesEvidence) -> None:
        self._model = model

    def join(self, photos: Sequence[PhotoEvidence]) -> Joined:
        """Return what the photos of one trip say together, in the order given."""
        return join_photos(self._model, photos)


def join_photos(model: BayesEvidence, photos: Sequence[PhotoEvidence]) -> Joined:
    """Return what the photos say together, in the order given; that order changes nothing.

    Raises:
        InputError: there are none, or too many.
    """
    if not 1 <= len(photos) <= MAX_PHOTOS:
        raise InputError(f"{len(photos)} photos: a trip takes 1 to {MAX_PHOTOS}")
    # one order for all the arithmetic, so that rounding does not depend on the order given either
    order = sorted(range(len(photos)), key=lambda index: photos[index].key)
    trip = weigh_trip(model, [photos[index] for index in order])
    found = {index: describe_photo(model, trip, row) for row, index in enumerate(order)}
    fits = bool(np.isfinite(trip.log_fit))
    fit = float(trip.log_fit / np.log(10.0)) if fits else None
    return Joined(
        photos=tuple(found[index] for index in range(len(photos))),
        fit=fit,
        contradiction=None if fits else contradiction_words(model, trip),
        times_right=trip.times_right,
        warnings=(*_clock_warnings(photos), *trip.repeated, *_fit_warnings(trip, fit)),
        formula=FORMULA,
    )


def _fit_warnings(trip: Trip, fit: float | None) -> list[str]:
    """Return what is to be said of photos that hardly fit together; nothing where they cannot."""
    if fit is None:
        return []
    warnings = []
    if fit < parameters().travel.bad_fit:
        warnings.append(
            f"the photos fit together {10.0**-fit:,.0f} times worse than photos of unrelated "
            "places: one of them may be of another trip, or one of their times wrong"
        )
    if trip.imbalance > parameters().travel.max_imbalance:
        warnings.append(
            "the ways between the photos could not be weighed evenly: shares may be off by "
            f"{trip.imbalance:.1%}"
        )
    if trip.times_right is not None and trip.times_right < 0.5:
        warnings.append("the times that the files claim are more likely wrong than right")
    return warnings


def _clock_warnings(photos: Sequence[PhotoEvidence]) -> list[str]:
    clocks = {photo.taken.clock for photo in photos if photo.taken is not None}
    if len(clocks) < 2:
        return []
    return [
        "some photos have a date and others a time since a video began: the latter do not count"
    ]
