"""TRL reward functions of the GeoAgent paper (arXiv 2602.12617), and some beyond it.

Each takes a whole batch and returns one number per completion: `0.0` is wrong, `None` cannot be
scored (no ground truth), and a broken service raises. They are plain functions, so that
`trl grpo --reward_funcs geoagent_training.rewards.geo_similarity` finds them too; their settings
come from `use_tools`, or from `GEOAGENT_REWARD_*`.

The paper's total is 1.5 spatial + 1.0 semantic + 0.5 consistency; `geo_similarity` is the first
two in one kernel launch. The reference code adds `well_formed` and `answer_format`, 1.0 each.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from geoagent_kernels import (
    SpatialScales,
    linear_schedule,
    multiscale_reward,
    semantic_reward_by_id,
    spatial_reward,
)

from geoagent_training.rewards.answer_fields import AnswerFields
from geoagent_training.rewards.answer_places import claims_of_answer
from geoagent_training.rewards.completions import Completion
from geoagent_training.rewards.consistency_score import SamePlace, same_name, score_consistency
from geoagent_training.rewards.device_copy import copy_together
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.reward_metrics import log_batch
from geoagent_training.rewards.reward_tools import RewardTools, reward_tools
from geoagent_training.rewards.scoring import (
    EARTH_RADIUS_KM,
    Batch,
    as_rewards,
    read_batch,
    read_completions,
)

LogMetric = Callable[[str, float], None]
Rewards = list[float | None]

_TAUS_KM: Final = (25.0, 200.0, 750.0, 2500.0)
_COARSE_TO_FINE: Final = linear_schedule(
    SpatialScales(_TAUS_KM, (0.1, 0.2, 0.3, 0.4)), SpatialScales(_TAUS_KM, (0.4, 0.3, 0.2, 0.1))
)


def spatial(
    completions: Sequence[Completion], log_metric: LogMetric | None = None, **columns: Any
) -> Rewards:
    """Return `exp(-d / 200 km)`, 0 from 2000 km on and where the answer resolves to nothing."""
    batch = read_batch(completions, columns)
    batch.truth.require_points("spatial")
    settings = batch.tools.settings
    scored = spatial_reward(
        *batch.place_tensors(),
        tau_km=settings.tau_km,
        cutoff_km=settings.cutoff_km,
        radius_km=EARTH_RADIUS_KM,
    )
    reward, distance = torch.stack((scored.reward, scored.distance_km)).cpu()
    log_batch(log_metric, batch, batch.points, distance.numpy())
    return as_rewards(reward, batch.truth.has_point, "spatial")


def semantic(completions: Sequence[Completion], **columns: Any) -> Rewards:
    """Return the gated similarity of country, region and place names, weights 0.1, 0.6, 0.3."""
    batch = read_batch(completions, columns)
    batch.truth.require_names("semantic")
    tools = batch.tools
    answers, truth = copy_together(batch.texts, tools.device)
    values = semantic_reward_by_id(tools.encoder.table, answers, truth, gate=tools.settings.gate)
    return as_rewards(values, batch.truth.has_names, "semantic")


def geo_similarity(
    completions: Sequence[Completion], log_metric: LogMetric | None = None, **columns: Any
) -> Rewards:
    """Return 1.5 spatial + 1.0 semantic in one kernel launch; None without a position."""
    batch = read_batch(completions, columns)
    batch.truth.require_points("geo_similarity")
    scored = batch.reward
    if log_metric is not None:
        log_metric("geo/spatial", float(scored.spatial.mean()))
        log_metric("geo/semantic", float(scored.semantic.mean()))
        if batch.group > 1:
            level = scored.advantage.view(-1, batch.group).abs().amax(1) == 0
            log_metric("geo/groups_without_spread", float(level.float().mean()))
        log_batch(log_metric, batch, batch.points, batch.distances_km)
    return as_rewards(scored.total, batch.truth.has_point, "geo_similarity")


def consistency(completions: Sequence[Completion], **_columns: Any) -> Rewards:
    """Return how far the reasoning of each level leads a judge to the same conclusion.

    Raises:
        ServiceError: the judge does not answer.
        ConfigError: no judge is named.
    """
    tools = reward_tools()
    scores = score_consistency(
        read_completions(completions, tools.settings),
        tools.judge,
        characters=tools.settings.consistency_characters,
        same=_same_conclusion(tools),
    )
    return [*scores]


def _same_conclusion(tools: RewardTools) -> SamePlace | None:
    settings = tools.settings
    if settings.strict_reference or settings.judge_match == "exact":
        return None
    return tools.resolver.same_place if settings.judge_match == "place" else same_name


def well_formed(completions: Sequence[Completion], **_columns: Any) -> Rewards:
    """Return 1 for exactly `<think>...</think><answer>...</answer>`, else 0."""
    read = read_completions(completions, reward_tools().settings)
    return [float(one.well_formed) for one in read]


def answer_format(completions: Sequence[Completion], **columns: Any) -> Rewards:
    """Return 1 for an answer of 2 or 3 non-empty fields, each naming one place, else 0.

    With `emitted_coordinates` the answer needs a position as its fourth field.
    """
    batch = read_batch(completions, columns)
    return [
        float(_has_right_fields(one.answer, right, batch.tools))
        for one, right in zip(batch.parsed, batch.truth.names, strict=True)
    ]


def _has_right_fields(answer: AnswerFields | None, truth: Fields, tools: RewardTools) -> bool:
    if answer is None:
        return False
    count = len(answer.raw_fields)
    positions = tools.settings.emitted_coordinates
    if count not in ((4,) if positions else (2, 3)) or (positions and answer.position is None):
        return False
    if tools.settings.strict_reference:
        return True
    return answer.clean or answer.is_clean(claims_of_answer(answer, tools.resolver.lies_in, truth))


def spatial_multiscale(
    completions: Sequence[Completion], trainer_state: Any = None, **columns: Any
) -> Rewards:
    """Return `sum_k w_k exp(-d / tau_k)` for 25, 200, 750 and 2500 km; not from the paper.

    The weight moves from the long scales to the short ones as the training proceeds.
    """
    batch = read_batch(completions, columns)
    batch.truth.require_points("spatial_multiscale")
    scored = multiscale_reward(
        *batch.place_tensors(),
        scales=_COARSE_TO_FINE,
        progress=_share_done(trainer_state),
        radius_km=EARTH_RADIUS_KM,
    )
    return as_rewards(scored.reward, batch.truth.has_point, "spatial_multiscale")


def calibration(completions: Sequence[Completion], **columns: Any) -> Rewards:
    """Return `1 - (p - right)^2` (Brier) of the stated confidence; not from the paper.

    `right` means within `calibration_km`. A confidence that is not stated as a number earns 0.
    """
    batch = read_batch(completions, columns)
    batch.truth.require_points("calibration")
    right = _is_near(batch)
    stated = [one.confidence for one in batch.parsed]
    values = [
        0.0 if p is None or not names[0] else 1.0 - (p - hit) ** 2
        for p, hit, names in zip(stated, right, batch.names, strict=True)
    ]
    return as_rewards(np.array(values), batch.truth.has_point, "calibration")


def abstention(completions: Sequence[Completion], **columns: Any) -> Rewards:
    """Return 1 if right, `abstention_value` for "unknown", else 0; not from the paper."""
    batch = read_batch(completions, columns)
    batch.truth.require_points("abstention")
    value = batch.tools.settings.abstention_value
    right = _is_near(batch)
    values = [
        value if one.answer is not None and one.answer.abstains and one.well_formed else float(hit)
        for one, hit in zip(batch.parsed, right, strict=True)
    ]
    return as_rewards(np.array(values), batch.truth.has_point, "abstention")


def _is_near(batch: Batch) -> np.ndarray[Any, np.dtype[np.bool_]]:
    near: np.ndarray[Any, np.dtype[np.bool_]] = (
        batch.distances_km <= batch.tools.settings.calibration_km
    )
    return near


def _share_done(trainer_state: Any) -> float:
    steps = getattr(trainer_state, "max_steps", 0) or 0
    done = getattr(trainer_state, "global_step", 0) or 0
    return min(done / steps, 1.0) if steps > 0 else 0.0
