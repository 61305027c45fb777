"""The rewards a recipe names, with their weights, and the services they need."""

import inspect
from collections.abc import Sequence
from functools import partial
from typing import Any

from geoagent_training.errors import ConfigError
from geoagent_training.rewards import functions as own
from geoagent_training.rewards.finite_reward import AsyncFiniteReward, FiniteReward, GuardedReward
from geoagent_training.rewards.given_arguments import check_arguments
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_import import find_reward
from geoagent_training.rewards.reward_tools import RewardTools
from geoagent_training.rewards.reward_weights import weight_at


def reward_functions(choices: Sequence[RewardChoice]) -> tuple[list[Any], list[float]]:
    """Return the rewards of a recipe as TRL takes them, and their weights at the first step.

    A reward model stays a name; `load_reward_models` loads it.

    Raises:
        ConfigError: a function is not there, or cannot be called as TRL calls it.
    """
    rewards = [choice.model or _guard_reward(choice) for choice in choices]
    return rewards, [weight_at(choice.weight, 0) for choice in choices]


def load_reward_models(rewards: Sequence[Any]) -> list[Any]:
    """Return the rewards with every model that is named loaded.

    Raises:
        ConfigError: there is no such model, or it does not score texts.
    """
    return [_load_model(one) if isinstance(one, str) else one for one in rewards]


def check_services(rewards: Sequence[Any], tools: RewardTools) -> None:
    """Build what the project's own rewards need before the first step.

    Raises:
        ServiceError: the judge does not answer, or the encoder cannot be loaded.
        ConfigError: no judge is named.
    """
    used = {reward.function for reward in rewards if isinstance(reward, GuardedReward)}
    if own.consistency in used and isinstance(tools.judge, OpenAIJudge):
        tools.judge.check()
    if used & {own.semantic, own.geo_similarity}:
        tools.encoder.encode(["Portugal"])


def _guard_reward(choice: RewardChoice) -> GuardedReward:
    function: Any = find_reward(choice)
    waits = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004  (an object with an async call)
    )
    if choice.arguments and inspect.isroutine(function):
        check_arguments(choice, function)
        function = partial(function, **choice.arguments)
    return (AsyncFiniteReward if waits else FiniteReward)(function, choice.name)


def _load_model(name: str) -> Any:
    from transformers import AutoModelForSequenceClassification

    try:
        return AutoModelForSequenceClassification.from_pretrained(name, num_labels=1)
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())
        raise ConfigError(f"rewards: the reward model {name} cannot be loaded: {said}") from error
