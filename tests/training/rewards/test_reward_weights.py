"""Weights that move over the steps of a run."""

from typing import Any

import pytest
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_list import reward_functions
from geoagent_training.rewards.reward_weights import (
    WeightSchedule,
    last_weight,
    turning_steps,
    weight_at,
)
from pydantic import ValidationError


def test_a_weight_holds_until_the_next_step_or_moves_to_it() -> None:
    held = WeightSchedule(at={0: 1.0, 10: 0.5, 20: 0.0})
    moved = WeightSchedule(at={20: 0.0, 0: 1.0, 10: 0.5}, between="linear")
    steps = (0, 5, 10, 19, 20, 99)
    assert [weight_at(held, step) for step in steps] == [1.0, 1.0, 0.5, 0.5, 0.0, 0.0]
    assert [weight_at(moved, step) for step in steps] == [1.0, 0.75, 0.5, pytest.approx(0.05), 0, 0]
    assert turning_steps(held, 2.0) == {0, 9, 10, 19, 20}
    assert (last_weight(held), last_weight(2.0), weight_at(2.0, 7)) == (0.0, 2.0, 2.0)


def test_a_recipe_starts_with_the_weight_of_step_0() -> None:
    choice = RewardChoice(function="well_formed", weight={"at": {0: 0.25, 9: 1}})
    assert reward_functions([choice])[1] == [0.25]


@pytest.mark.parametrize(
    "weight",
    [{"at": {5: 1.0}}, {"at": {}}, {"at": {-1: 1, 0: 1}}, {"at": {0: "nan"}}, {"of": 1}, "x"],
)
def test_a_course_without_a_beginning_or_with_other_keys_is_refused(weight: Any) -> None:
    with pytest.raises(ValidationError):
        RewardChoice(function="well_formed", weight=weight)
