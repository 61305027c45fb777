"""The rewards that a recipe may name."""

import pickle

import pytest
from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rewards.finite_reward import FiniteReward
from geoagent_training.rewards.reward_list import reward_functions

RECIPE = {"model": "m", "data": {"path": "x"}}


def half_nan(completions: list[str], **_columns: object) -> list[float | None]:
    return [float("nan") if i % 2 else None for i, _ in enumerate(completions)]


def too_few(completions: list[str], **_columns: object) -> list[float | None]:
    return [0.5]


def test_functions_are_found_by_name_and_by_path() -> None:
    choices = [
        {"function": "spatial", "weight": 1.5},
        {"function": "geoagent_training.rewards.semantic"},
    ]
    functions, weights = reward_functions(GrpoRecipe(**RECIPE, rewards=choices).rewards)
    assert [f.__name__ for f in functions] == ["spatial", "semantic"]
    assert weights == [1.5, 1.0]
    assert pickle.loads(pickle.dumps(functions[0])) == functions[0]


@pytest.mark.parametrize(
    "name", ["spacial", "nowhere.spatial", "geoagent_training.rewards.Rewards2"]
)
def test_a_function_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        reward_functions(GrpoRecipe(**RECIPE, rewards=[{"function": name}]).rewards)


def test_nan_stops_the_run_and_none_does_not() -> None:
    with pytest.raises(ServiceError, match="half_nan returned nan for 1 of 2"):
        FiniteReward(half_nan)(completions=["a", "b"])
    assert FiniteReward(half_nan)(completions=["a"]) == [None]
    with pytest.raises(ServiceError, match="1 values for 2"):
        FiniteReward(too_few)(completions=["a", "b"])
