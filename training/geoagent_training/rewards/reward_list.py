"""The reward functions a recipe names, with their weights, and the services they need."""

from collections.abc import Sequence

from geoagent_training.rewards import functions as own
from geoagent_training.rewards.finite_reward import FiniteReward
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_import import find_reward
from geoagent_training.rewards.reward_tools import RewardTools


def reward_functions(choices: Sequence[RewardChoice]) -> tuple[list[FiniteReward], list[float]]:
    """Return the functions of a recipe and their weights.

    Raises:
        ConfigError: a function is not there, or cannot be called as TRL calls it.
    """
    functions = [
        FiniteReward(find_reward(choice), choice.function.rpartition(".")[2]) for choice in choices
    ]
    return functions, [choice.weight for choice in choices]


def check_services(functions: Sequence[FiniteReward], tools: RewardTools) -> None:
    """Build what the project's own rewards need before the first step.

    Raises:
        ServiceError: the judge does not answer, or the encoder cannot be loaded.
        ConfigError: no judge is named.
    """
    used = {reward.function for reward in functions}
    if own.consistency in used and isinstance(tools.judge, OpenAIJudge):
        tools.judge.check()
    if used & {own.semantic, own.geo_similarity}:
        tools.encoder.encode(["Portugal"])
