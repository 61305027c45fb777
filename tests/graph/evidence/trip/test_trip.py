"""A weighed trip keeps one row per photo in the order given, and the chain in that of the times."""

import pytest

from geoagent_graph.evidence.trip.joint_posterior import weigh_trip
from tests.support.small_gazetteer import LISBON, MADRID, PORTO
from tests.support.small_trips import judged_photo, small_model

PHOTOS = [
    judged_photo("late", LISBON, 0.9, "2024-05-03T10:00"),
    judged_photo("untimed", MADRID, 0.9),
    judged_photo("early", PORTO, 0.9, "2024-05-01T10:00"),
]


def test_rows_are_photos_and_the_chain_is_in_time() -> None:
    trip = weigh_trip(small_model(), PHOTOS)
    assert trip.photos == PHOTOS
    assert trip.alone.shape == trip.together.shape == (3, 8)
    assert trip.chain == (2, 0)
    assert trip.alone.argmax(axis=1).tolist() == [LISBON, MADRID, PORTO]


def test_the_tree_says_of_its_places_what_the_towns_sum_to() -> None:
    trip = weigh_trip(small_model(), PHOTOS)
    for row in range(3):
        summed = trip.places.sum_by_place(trip.together[row])
        assert trip.tree.probability[row] == pytest.approx(summed, abs=1e-6)
