"""A joint posterior in words: what changed, because of which neighbour, and contradictions."""

import pytest

from geoagent_graph.evidence.trip.explanation import contradiction_words, describe_photo
from geoagent_graph.evidence.trip.joint_posterior import weigh_trip
from geoagent_graph.trip_types import JoinedPhoto, PhotoEvidence
from tests.support.small_gazetteer import LABASA, LISBON, PORTO
from tests.support.small_trips import judged_photo, small_model, taken_at


def described(time: str, other_time: str) -> JoinedPhoto:
    """Return a photo that shows nothing, beside one that is surely of Lisbon."""
    photos = [
        judged_photo("a.jpg", LISBON, 0.98, other_time),
        PhotoEvidence("b", "b.jpg", taken=taken_at(time)),
    ]
    return describe_photo(small_model(), weigh_trip(small_model(), photos), 1)


def test_a_neighbour_is_named_with_its_time_and_place() -> None:
    photo = described("2024-05-01T10:20", "2024-05-01T10:00")
    assert (photo.level, photo.place.country) == ("country", "Portugal")
    assert photo.alone < 0.5 < photo.together
    (because,) = photo.because
    assert because.startswith("Portugal: ")
    assert (
        ", because a.jpg, taken 20 min earlier, is most likely here (Lisbon: 98 % alone" in because
    )


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2024-05-01T09:59:00", "taken 60 s later"),
        ("2024-05-01T10:00:00", "taken at the same time"),
        ("2024-05-01T13:00:00", "taken 3.0 h earlier"),
    ],
)
def test_gaps_in_words(time: str, words: str) -> None:
    photo = described(time, "2024-05-01T10:00:00")
    assert any(
        words in item.reason for found in photo.levels.values() for item in found[0].evidence
    )


def test_a_photo_that_nothing_changes_says_so() -> None:
    trip = weigh_trip(small_model(), [judged_photo("a.jpg", LISBON, 0.9)])
    photo = describe_photo(small_model(), trip, 0)
    assert photo.because == ("Portugal: 90 %, which the other photos do not change",)
    assert photo.alone == pytest.approx(photo.together)


def test_a_town_needs_more_than_its_share_of_the_country() -> None:
    # most people of the three towns of Portugal live in Lisbon: 90 % say little more than that
    model = small_model()
    lisbon, porto = (
        describe_photo(model, weigh_trip(model, [judged_photo("a.jpg", town, 0.95)]), 0)
        for town in (LISBON, PORTO)
    )
    assert (lisbon.level, lisbon.levels["city"][0].place.name) == ("country", "Lisbon")
    assert (porto.level, porto.place.city) == ("city", "Porto")


def test_the_levels_hold_all_places_that_are_likely_at_all() -> None:
    trip = weigh_trip(small_model(), [judged_photo("a.jpg", LISBON, 0.9)])
    levels = describe_photo(small_model(), trip, 0).levels
    assert {found.place.name for found in levels["continent"]} == {"Europe", "Oceania"}
    assert levels["country"][0].place.id == "country:PT"
    assert all(len(found) <= 12 for found in levels.values())


def test_a_contradiction_names_the_stations_in_order() -> None:
    photos = [
        judged_photo("b.jpg", LABASA, 1.0, "2024-05-01T10:05"),
        judged_photo("a.jpg", LISBON, 1.0, "2024-05-01T10:00"),
    ]
    words = contradiction_words(small_model(), weigh_trip(small_model(), photos))
    assert (
        "a.jpg (2024-05-01T10:00) near Lisbon, then b.jpg (2024-05-01T10:05) near Labasa. A time"
        in words
    )
