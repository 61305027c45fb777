"""Photos of one trip weighed together: neighbours help, impossible journeys are refused."""

import numpy as np
import pytest

from geoagent_graph.evidence.trip.joint_posterior import weigh_trip
from geoagent_graph.trip_types import PhotoEvidence
from tests.support.small_gazetteer import LABASA, LISBON, MADRID, SINTRA
from tests.support.small_trips import judged_photo, small_model, taken_at


def unknown(name: str, time: str | None = None) -> PhotoEvidence:
    """Return a photo that shows nothing."""
    return PhotoEvidence(name, name, taken=taken_at(time) if time else None)


def test_one_photo_alone_stays_as_it_is() -> None:
    trip = weigh_trip(small_model(), [judged_photo("a", LISBON, 0.9)])
    assert trip.together == pytest.approx(trip.alone)
    assert (trip.times_right, trip.repeated) == (None, ())


def test_a_neighbour_in_time_places_a_photo_that_shows_nothing() -> None:
    photos = [judged_photo("a", LISBON, 0.98, "2024-05-01T10:00"), unknown("b", "2024-05-01T10:20")]
    trip = weigh_trip(small_model(), photos)
    lisbon = [LISBON, SINTRA]
    assert trip.alone[1, lisbon].sum() < 0.5
    assert trip.together[1, lisbon].sum() > 0.9
    assert trip.together.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_without_times_a_neighbour_says_less() -> None:
    timed = [judged_photo("a", LISBON, 0.98, "2024-05-01T10:00"), unknown("b", "2024-05-01T10:20")]
    untimed = [judged_photo("a", LISBON, 0.98), unknown("b")]
    with_times, without = (weigh_trip(small_model(), photos) for photos in (timed, untimed))
    assert without.alone[1, LISBON] < without.together[1, LISBON] < with_times.together[1, LISBON]
    assert (with_times.chain, without.chain) == ((0, 1), ())


def test_an_impossible_journey_leaves_every_photo_alone() -> None:
    photos = [
        judged_photo("a", LISBON, 1.0, "2024-05-01T10:00"),
        judged_photo("b", LABASA, 1.0, "2024-05-01T10:05"),
    ]
    trip = weigh_trip(small_model(), photos)
    assert trip.log_fit == -np.inf
    assert trip.together == pytest.approx(trip.alone)


def test_times_that_files_claim_may_be_wrong() -> None:
    def trip_of(town: int, said_by: str) -> float | None:
        photos = [
            judged_photo("a", LISBON, 0.99, "2024-05-01T10:00", said_by),
            judged_photo("b", town, 0.99, "2024-05-01T10:05", said_by),
        ]
        return weigh_trip(small_model(), photos).times_right

    near, far = trip_of(LISBON, "file"), trip_of(MADRID, "file")
    assert near is not None
    assert far is not None
    assert near > 0.95 > far
    assert trip_of(MADRID, "person") is None  # a person is believed
