"""Rewards of completions, and the services behind them.

`geoagent_training.rewards.NAME` is a reward function, for a recipe or `trl grpo`. It is imported
when it is first used, so that the places and the parsing can be had without torch.
"""

from typing import Any

__all__ = [
    "abstention",
    "answer_format",
    "calibration",
    "consistency",
    "geo_similarity",
    "semantic",
    "spatial",
    "spatial_multiscale",
    "well_formed",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'geoagent_training.rewards' has no attribute {name!r}")
    from geoagent_training.rewards import functions

    return getattr(functions, name)
