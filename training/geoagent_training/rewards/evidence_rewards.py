"""Rewards for tools whose results moved the policy towards the truth; calls alone earn nothing.

`tool_evidence` compares each choice after tools with the same choice without what the tools said
(`rollouts.tool_effects`). `first_answer` goes with it, with at least its weight, and a gain counts
only for what the first answer lacked: a policy that begins with a wrong answer and lets a tool put
it right earns no more than one that is right from the start.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from geoagent_graph.geo.sphere import distance_km
from geoagent_training.errors import ConfigError
from geoagent_training.rewards.completions import Completion, parse_completions, text_of
from geoagent_training.rewards.functions import geo_similarity
from geoagent_training.rewards.reward_tools import reward_tools
from geoagent_training.rewards.scoring import SEMANTIC_WEIGHT, SPATIAL_WEIGHT
from geoagent_training.rewards.truth import Truth, read_truth

SAME_TOWN_KM: Final = 25.0
"""A town this near to the photo is the right one: the nearest of the thresholds in use."""


def tool_evidence(
    completions: Sequence[Completion],
    tool_effects: Sequence[Sequence[Mapping[str, Any]]] | None = None,
    **columns: Any,
) -> list[float | None]:
    """Return how much probability the results of tools moved to the truth, -1 to 1.

    It is the sum over the choices of a run, a gain times what the first answer lacked; 0 without
    tools, where their results changed nothing, and for a gain that led to no answer.

    Raises:
        ConfigError: the rollouts do not measure it.
    """
    if tool_effects is None:
        raise ConfigError("the reward tool_evidence needs rollouts: graph, which measure it")
    truth = read_truth(columns, len(completions))
    truth.require_names("tool_evidence")
    first = first_answer(completions, **columns)
    rewards: list[float | None] = []
    for row, (one, effects) in enumerate(
        zip(parse_completions(completions), tool_effects, strict=True)
    ):
        moved = float(np.clip(sum(_moved_share(e, truth, row) for e in effects), -1.0, 1.0))
        answered = one.answer is not None and bool(one.answer.fields[0])
        lacked = (1.0 - (first[row] or 0.0)) if answered else 0.0
        known = bool(truth.names[row][0])
        rewards.append((moved * lacked if moved > 0.0 else moved) if known else None)
    return rewards


def first_answer(completions: Sequence[Completion], **columns: Any) -> list[float | None]:
    """Return how good the answer of a run's first reply was, 0 to 1, as `geo_similarity` does."""
    columns.pop("log_metric", None)
    first = [_first_reply(completion) for completion in completions]
    best = SPATIAL_WEIGHT + SEMANTIC_WEIGHT
    return [None if one is None else one / best for one in geo_similarity(first, **columns)]


def _moved_share(effect: Mapping[str, Any], truth: Truth, row: int) -> float:
    """Return the share of the true place after tools, less what it had without their results."""
    right = _right_places(effect, truth, row)
    after, before = (np.asarray(effect[name], dtype=np.float64) for name in ("after", "before"))
    return float(np.sum((after - before)[right]))


def _right_places(effect: Mapping[str, Any], truth: Truth, row: int) -> list[bool]:
    same = reward_tools().resolver.same_place
    country = truth.names[row][0]
    if effect["level"] == "country":
        return [bool(name) and same(name, country) for name in effect["countries"]]
    if effect["level"] != "city" or not truth.has_point[row]:
        return [False] * len(effect["countries"])
    points = np.asarray(effect["points"], dtype=np.float64).reshape(-1, 2)
    away = distance_km(points[:, 0], points[:, 1], *truth.points[row])
    return [bool(near) for near in np.asarray(away) <= SAME_TOWN_KM]


def _first_reply(completion: Completion) -> str:
    if isinstance(completion, str):
        return completion
    first = next((turn for turn in completion if turn.get("role") == "assistant"), None)
    return text_of([first]) if first is not None else ""
