"""A reward function whose results are checked before they can go wrong in silence."""

import math
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from geoagent_training.errors import ServiceError
from geoagent_training.rewards.finite_reward import FiniteReward


def give_back(completions: Sequence[Any], values: Any, **_columns: Any) -> Any:
    return values


def reward(values: Any, completions: int = 2) -> list[float | None]:
    return FiniteReward(give_back)(["x"] * completions, values=values)


def test_numbers_of_any_kind_become_floats_and_none_stays() -> None:
    values = reward((np.float32(0.5), None))
    assert values == [0.5, None]
    assert type(values[0]) is float
    assert reward(np.array([1, 0])) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.5], "returned 1 values for 2 completions"),
        ([math.nan, 0.5], "returned nan for 1 of 2 completions; return None"),
        ([math.inf, -math.inf], "returned inf for 2 of 2 completions"),
        (0.5, "returned float: .* one number or None for each completion"),
        (["right", "wrong"], "returned list: could not convert"),
        (None, "returned NoneType"),
    ],
)
def test_anything_else_ends_the_run_by_the_functions_name(values: Any, said: str) -> None:
    with pytest.raises(ServiceError, match=f"the reward give_back {said}"):
        reward(values)


def test_a_name_of_its_own_is_what_is_logged_and_survives_pickling() -> None:
    named = FiniteReward(give_back, "right_country")
    assert pickle.loads(pickle.dumps(named)).__name__ == "right_country"
    with pytest.raises(ServiceError, match="the reward right_country returned 1"):
        named(["x", "y"], values=[1.0])
