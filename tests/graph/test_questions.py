"""What a person may answer to a question, and the names that were renamed."""

import pytest

from geoagent_graph import questions
from geoagent_graph.errors import InputError
from geoagent_graph.questions import (
    Accept,
    MarkPhoto,
    Question,
    SearchCircle,
    find_place,
    read_reply,
)
from geoagent_graph.testing import LISBON, PORTUGAL, SPAIN
from geoagent_graph.types import Hypothesis, Place, Verdict


def hypothesis(place: Place) -> Hypothesis:
    return Hypothesis(level=place.level, place=place, prior=0.5, probability=0.5, reason="a test")


def question() -> Question:
    return Question(
        level="country",
        text="Portugal?",
        verdict=Verdict(decision="accept", place_id="country:PT", reason="a test"),
        candidates=(hypothesis(PORTUGAL), hypothesis(SPAIN)),
    )


def test_a_place_is_found_by_id_name_and_country_code() -> None:
    candidates = (hypothesis(PORTUGAL), hypothesis(SPAIN), hypothesis(LISBON))
    for words in ("country:PT", " portugal ", "pt"):
        assert find_place(words, candidates).place == PORTUGAL
    assert find_place("lisbon", candidates).place == LISBON


def test_a_place_that_is_not_asked_about_is_refused_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"Peru: is not among .* Portugal \(country:PT\), Spain"):
        find_place("Peru", question().candidates)
    with pytest.raises(InputError, match="no candidate"):
        find_place("Peru", ())


def test_two_candidates_of_one_name_ask_for_the_id() -> None:
    other = LISBON.model_copy(update={"id": "geonames:5100280"})
    with pytest.raises(InputError, match="several candidates are called so"):
        find_place("Lisbon", (hypothesis(LISBON), hypothesis(other)))


def test_a_reply_names_its_place_by_id() -> None:
    reply = read_reply({"kind": "accept", "place": "spain"}, question())
    assert reply == Accept(place="country:ES")


def test_a_circle_on_the_map_keeps_its_stored_form() -> None:
    raw = {"kind": "map_region", "lat_deg": 40.0, "lon_deg": -4.0, "radius_km": 30.0}
    reply = read_reply(raw, question())
    assert isinstance(reply, SearchCircle)
    assert reply.model_dump() == raw


def test_a_box_without_area_is_refused() -> None:
    box = {"left": 0.5, "top": 0.5, "right": 0.505, "bottom": 0.9}
    with pytest.raises(InputError, match="empty or too small"):
        read_reply({"kind": "photo_region", "box": box}, question())
    reply = read_reply({"kind": "photo_region", "box": box | {"right": 0.8}}, question())
    assert isinstance(reply, MarkPhoto)


def test_a_malformed_reply_says_where() -> None:
    with pytest.raises(InputError, match="radius_km"):
        read_reply({"kind": "map_region", "lat_deg": 4, "lon_deg": 4, "radius_km": 0}, question())


def test_the_old_name_of_the_circle_still_works_for_one_release() -> None:
    with pytest.warns(DeprecationWarning, match="SearchCircle"):
        assert questions.MapRegion is SearchCircle
    with pytest.raises(AttributeError, match="Nothing"):
        _ = questions.Nothing
