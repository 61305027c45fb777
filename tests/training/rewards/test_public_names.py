"""What a reward of one's own may use, and what recipes and `trl grpo` may name."""

import importlib
import inspect
import subprocess
import sys
import warnings
from typing import get_type_hints

import pytest
from geoagent_training import rewards


def test_every_public_name_is_there_and_says_what_it_returns() -> None:
    assert sorted(rewards.__all__) == sorted([*rewards.REWARDS, *rewards.HELPERS])
    for name in rewards.__all__:
        value = getattr(rewards, name)
        if name != "Completion":  # a union of types
            assert inspect.getdoc(value), name


@pytest.mark.parametrize("name", rewards.REWARDS)
def test_reward_functions_take_what_trl_hands_over(name: str) -> None:
    function = getattr(rewards, name)
    kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
    assert kinds[-1] is inspect.Parameter.VAR_KEYWORD
    assert get_type_hints(function)["return"] == list[float | None]


def test_names_that_are_not_public_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'spacial'"):
        _ = rewards.spacial


def test_parsing_needs_no_torch() -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        "from geoagent_training.rewards import parse_completions, read_truth, text_of\n"
        "print(len(parse_completions(['x'])))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize("name", ["step_budget", "tool_use"])
def test_the_old_path_of_the_tool_rewards_warns_for_one_release(name: str) -> None:
    old = importlib.import_module("geoagent_training.agent_rewards")
    with pytest.warns(DeprecationWarning, match=rf"is geoagent_training\.rewards\.{name} now"):
        moved = getattr(old, name)
    assert moved is getattr(rewards, name)
    with pytest.raises(AttributeError, match="no attribute 'other'"), warnings.catch_warnings():
        _ = old.other
