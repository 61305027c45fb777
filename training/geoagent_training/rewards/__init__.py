"""Rewards of completions, and what a reward of one's own is written with.

`geoagent_training.rewards.NAME` is a reward function (`REWARDS`), for a recipe or `trl grpo`, or a
helper for writing one (`HELPERS`). Names are imported when they are first used, so that the parsing
can be had without torch.

A reward takes `completions` and the columns of the data set by name, and returns a number for each
completion: 0.0 is wrong, None cannot be scored.

    from geoagent_training.rewards import parse_completions

    def names_a_country(completions, **columns):
        answers = [one.answer for one in parse_completions(completions)]
        return [float(answer is not None and bool(answer.fields[0])) for answer in answers]
"""

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from geoagent_training.rewards.completions import (
        Completion,
        ParsedCompletion,
        parse_completions,
        text_of,
    )
    from geoagent_training.rewards.evidence_rewards import first_answer, tool_evidence
    from geoagent_training.rewards.functions import (
        abstention,
        answer_format,
        calibration,
        consistency,
        geo_similarity,
        semantic,
        spatial,
        spatial_multiscale,
        well_formed,
    )
    from geoagent_training.rewards.reward_settings import RewardSettings
    from geoagent_training.rewards.reward_tools import RewardTools, use_tools
    from geoagent_training.rewards.scoring import Batch, as_rewards, read_batch
    from geoagent_training.rewards.tool_rewards import step_budget, tool_use
    from geoagent_training.rewards.truth import Truth, read_truth

__all__ = [
    "Batch",
    "Completion",
    "ParsedCompletion",
    "RewardSettings",
    "RewardTools",
    "Truth",
    "abstention",
    "answer_format",
    "as_rewards",
    "calibration",
    "consistency",
    "first_answer",
    "geo_similarity",
    "parse_completions",
    "read_batch",
    "read_truth",
    "semantic",
    "spatial",
    "spatial_multiscale",
    "step_budget",
    "text_of",
    "tool_evidence",
    "tool_use",
    "use_tools",
    "well_formed",
]

_REWARDS_OF: Final = {
    "functions": (
        "abstention",
        "answer_format",
        "calibration",
        "consistency",
        "geo_similarity",
        "semantic",
        "spatial",
        "spatial_multiscale",
        "well_formed",
    ),
    "evidence_rewards": ("first_answer", "tool_evidence"),
    "tool_rewards": ("step_budget", "tool_use"),
}
_HELPERS_OF: Final = {
    "completions": ("Completion", "ParsedCompletion", "parse_completions", "text_of"),
    "reward_settings": ("RewardSettings",),
    "reward_tools": ("RewardTools", "use_tools"),
    "scoring": ("Batch", "as_rewards", "read_batch"),
    "truth": ("Truth", "read_truth"),
}
_MODULES: Final = {
    name: module
    for names in (_REWARDS_OF, _HELPERS_OF)
    for module in names
    for name in names[module]
}

REWARDS: Final = tuple(name for names in _REWARDS_OF.values() for name in names)
"""The reward functions."""

HELPERS: Final = tuple(name for names in _HELPERS_OF.values() for name in names)
"""What a reward function of one's own is written with."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'geoagent_training.rewards' has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
