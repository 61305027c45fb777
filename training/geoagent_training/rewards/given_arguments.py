"""Arguments that a recipe hands to a reward function: refused where nothing would read them."""

import inspect
from typing import Any, Final

from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_settings import RewardSettings

_OWN_MODULES: Final = "geoagent_training."
_OF_TRL: Final = (
    "completions",
    "prompts",
    "completion_ids",
    "trainer_state",
    "log_extra",
    "log_metric",
    "environments",
)
"""What TRL hands to every reward function itself."""


def check_arguments(choice: RewardChoice, function: Any) -> None:
    """Refuse arguments that a function does not take, or that TRL gives it.

    A function of one's own may read any argument among its columns, but not one that is nearly the
    name of a parameter: that is a slip, and the parameter would keep its default.

    Raises:
        ConfigError: one line with the place in the recipe, the argument and what is taken.
    """
    if str(function.__module__).startswith(_OWN_MODULES):
        raise ConfigError(_own_fault(choice))
    taken = _parameters_of(function)
    words = f"it takes {', '.join(taken)}" if taken else "it takes no arguments by name"
    for name in choice.arguments:
        place = f"{choice.where}: arguments.{name}"
        if name in _OF_TRL:
            raise ConfigError(f"{place}: TRL hands {name} to {choice.function} itself; {words}")
        near = "" if name in taken else did_you_mean(name, taken)
        if near:
            raise ConfigError(f"{place}: {choice.function} has no such parameter; {words}{near}")


def _own_fault(choice: RewardChoice) -> str:
    name = next(iter(choice.arguments))
    settings = tuple(RewardSettings.model_fields)
    said = f"{choice.where}: arguments.{name}: {choice.name} takes no arguments"
    if name in settings:
        return f"{said}: write reward_settings: {{{name}: ...}}, for all rewards"
    return (
        f"{said}; what can be set stands in reward_settings, for all rewards: "
        f"{', '.join(settings)}{did_you_mean(name, settings)}"
    )


def _parameters_of(function: Any) -> list[str]:
    """Return the names that a function takes beside what TRL hands over."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.kind in named and one.name not in _OF_TRL]
