"""One reward of a recipe, and where it is named."""

import pytest
from geoagent_training.rewards.reward_choice import RewardChoice
from pydantic import ValidationError


def test_a_place_in_a_recipe_is_for_messages_and_not_part_of_the_choice() -> None:
    choice, other = RewardChoice(function="spatial"), RewardChoice(function="spatial")
    assert choice.where == "rewards"
    choice.locate("grpo.yaml:7: rewards")
    assert (choice.where, other.where) == ("grpo.yaml:7: rewards", "rewards")
    assert choice.model_dump(exclude_defaults=True) == {"function": "spatial"}


def test_a_misspelt_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="wieght"):
        RewardChoice.model_validate({"function": "spatial", "wieght": 2})
