"""The old place of the rewards for tool use; they are `geoagent_training.rewards.tool_use`, ..."""

import warnings
from typing import Any

from geoagent_training import rewards

_MOVED = ("step_budget", "tool_use")


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise AttributeError(f"module 'geoagent_training.agent_rewards' has no attribute {name!r}")
    warnings.warn(
        f"geoagent_training.agent_rewards.{name} is geoagent_training.rewards.{name} now; "
        "the old path goes with the next release",
        DeprecationWarning,
        stacklevel=2,
    )
    return getattr(rewards, name)
