"""The reward functions a recipe names, found, checked, and guarded against NaN."""

import importlib
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rewards import functions as own
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_tools import RewardTools

RewardFunction = Callable[..., list[float | None]]


@dataclass(frozen=True)
class FiniteReward:
    """A reward function whose every result is checked: NaN would silently mean "does not apply"."""

    function: RewardFunction

    @property
    def __name__(self) -> str:
        """The name TRL logs."""
        return self.function.__name__

    def __call__(self, completions: Sequence[Any], **columns: Any) -> list[float | None]:
        """Return what the function returns.

        Raises:
            ServiceError: it returned NaN, infinity, or the wrong number of rewards.
        """
        values = self.function(completions=completions, **columns)
        if len(values) != len(completions):
            raise ServiceError(
                f"the reward {self.__name__} returned {len(values)} values for "
                f"{len(completions)} completions"
            )
        bad = [value for value in values if value is not None and not math.isfinite(value)]
        if bad:
            raise ServiceError(
                f"the reward {self.__name__} returned {bad[0]} for {len(bad)} of "
                f"{len(values)} completions; return None where there is nothing to score"
            )
        return values


def reward_functions(recipe: GrpoRecipe) -> tuple[list[RewardFunction], list[float]]:
    """Return the functions of a recipe and their weights.

    Raises:
        ConfigError: a function is not there.
    """
    functions = [FiniteReward(_find(choice.function)) for choice in recipe.rewards]
    return [*functions], [choice.weight for choice in recipe.rewards]


def check_services(recipe: GrpoRecipe, tools: RewardTools) -> None:
    """Build what the rewards need before the first step.

    Raises:
        ServiceError: the judge does not answer, or the encoder cannot be loaded.
        ConfigError: no judge is named.
    """
    names = {choice.function.rpartition(".")[2] for choice in recipe.rewards}
    if "consistency" in names and isinstance(tools.judge, OpenAIJudge):
        tools.judge.check()
    if names & {"semantic", "geo_similarity"}:
        tools.encoder.encode(["Portugal"])


def _find(name: str) -> RewardFunction:
    module_name, _, function_name = name.rpartition(".")
    try:
        module = importlib.import_module(module_name) if module_name else own
        function = getattr(module, function_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"rewards: there is no reward function {name!r}: {error}") from error
    if not callable(function) or inspect.isclass(function):
        raise ConfigError(f"rewards: {name!r} is no function")
    return function  # type: ignore[no-any-return]
