"""What an answer stands for is found, and what is missing is said with the command that helps."""

import re

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.render.claim import (
    answer_in,
    answers_together,
    best_candidate,
    deepest_candidates,
    joint_result,
)
from geoagent_graph.types import AnswerPlace
from tests.support.answers import BRAGA, hypothesis, porto_answer, porto_levels, unknown_answer
from tests.support.views import case_view, joined_photo, joint, trip_view


def test_the_named_place_stands_for_the_answer_though_another_is_likelier() -> None:
    levels = porto_levels()
    levels["city"] = (hypothesis(BRAGA, 0.9), *levels["city"])
    best = best_candidate(porto_answer(levels=levels))
    assert best is not None
    assert best.place.name == "Porto"


def test_without_a_named_place_the_likeliest_stands_for_it() -> None:
    levels = {**porto_levels(), "city": (hypothesis(BRAGA, 0.2), *porto_levels()["city"])}
    best = best_candidate(porto_answer(levels=levels, place=AnswerPlace(city="Faro")))
    assert best is not None
    assert best.place.name == "Porto"


def test_nothing_stands_for_an_answer_without_a_claim_or_without_candidates() -> None:
    assert best_candidate(unknown_answer()) is None
    assert best_candidate(porto_answer(levels={})) is None


def test_the_deepest_level_with_candidates_is_taken() -> None:
    levels = porto_levels()
    assert deepest_candidates(levels) == levels["city"]
    assert deepest_candidates({**levels, "city": ()}) == levels["country"]
    assert deepest_candidates({}) == ()


def test_a_branch_without_an_answer_names_itself_and_the_way_on() -> None:
    with pytest.raises(InputError, match=re.escape("street/two: has no answer yet. Run: geoagent")):
        answer_in(case_view(branch="two"))


def test_the_answers_of_a_trip_carry_the_places_they_have_together() -> None:
    views = {name: case_view(branch=name, answer=unknown_answer()) for name in ("main", "two")}
    trip = trip_view(views, joint([joined_photo()]))
    (together,) = answers_together(trip, views)
    assert (together.level, together.place.city, together.probability) == ("city", "Porto", 0.91)
    with pytest.raises(InputError, match="street: its photos have no joint result yet"):
        joint_result(trip_view(views))
