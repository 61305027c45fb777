"""One batch of completions against its truth: positions, texts, rewards, distances."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from geoagent_kernels import BatchReward, geo_batch_reward, spatial_reward
from numpy.typing import NDArray

from geoagent_training.errors import ServiceError
from geoagent_training.rewards.answer_places import claims_of_answer
from geoagent_training.rewards.batch_texts import TextRows, number_texts
from geoagent_training.rewards.completions import (
    Completion,
    ParsedCompletion,
    parse_completions,
    text_of,
)
from geoagent_training.rewards.device_copy import copy_together
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.reference_reading import read_as_published
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, reward_tools
from geoagent_training.rewards.truth import Truth, read_truth
from geoagent_training.rewards.truth_groups import rows_per_truth

EARTH_RADIUS_KM = 6371.0
"""The paper's radius."""

SPATIAL_WEIGHT = 1.5
SEMANTIC_WEIGHT = 1.0

_EMPTY: Fields = ("", "", "")


class _Remembered(dict[str, Any]):
    """What a function returns for each text, asked once: a batch names few countries."""

    def __init__(self, ask: Callable[[str], Any]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, text: str) -> Any:
        self[text] = value = self._ask(text)
        return value


@dataclass(frozen=True)
class Batch:
    """Completions read, and what they are measured against.

    Names, points, distances and rewards are computed once per batch, when first asked for.
    """

    parsed: list[ParsedCompletion]
    truth: Truth
    tools: RewardTools
    row_ids: Sequence[Any] | None = None
    """Which row of the data set each completion answers, where that is known."""

    @cached_property
    def names(self) -> list[Fields]:
        """Country, region and place of each answer; empty where it does not name one country.

        Beyond the paper: there, any text earns its likeness to the right one.
        """
        if self.tools.settings.strict_reference:
            return [one.answer.fields if one.answer else _EMPTY for one in self.parsed]
        resolver = self.tools.resolver
        one_country = _Remembered(resolver.names_one_country)
        found = []
        for one, right in zip(self.parsed, self.truth.names, strict=True):
            fields = claims_of_answer(one.answer, resolver.lies_in, right) if one.answer else _EMPTY
            found.append(fields if fields[0] and one_country[fields[0]] else _EMPTY)
        return found

    def with_english_countries(self, names: Sequence[Fields]) -> list[Fields]:
        """Return names whose countries are compared by what they mean, not by how they are written.

        Beyond the paper: there, "FR" and "Kyrgyz Republic" are unlike France and Kyrgyzstan.
        """
        if self.tools.settings.strict_reference:
            return [*names]
        english = _Remembered(self.tools.resolver.english_country)
        english[""] = ""
        return [
            one if english[one[0]] == one[0] else (english[one[0]], one[1], one[2]) for one in names
        ]

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """(lat, lon) of each answer in WGS84 degrees, [N, 2]; NaN where it points nowhere."""
        points = self.tools.resolver.resolve(self.names)
        if self.tools.settings.emitted_coordinates:
            for row, one in enumerate(self.parsed):
                if one.answer and one.answer.position and one.answer.fields[0]:
                    points[row] = one.answer.position
        return points

    @cached_property
    def group(self) -> int:
        """Consecutive completions that share a truth, G; divides N."""
        return rows_per_truth(self.truth, self.row_ids)

    @cached_property
    def texts(self) -> TextRows:
        """Rows of answers [N, 3] and truths [N / G, 3] in the encoder's table.

        Raises:
            ServiceError: the encoder fails.
        """
        answers = self.with_english_countries(self.names)
        truth = self.with_english_countries(self.truth.names[:: self.group])
        return number_texts(self.tools.encoder, answers, truth)

    @cached_property
    def reward(self) -> BatchReward:
        """1.5 spatial + 1.0 semantic, its parts, distances and advantages, on the CPU.

        One copy to the device, one launch, one copy back.
        """
        texts, settings = self.texts, self.tools.settings
        points, truth, answered, right = copy_together(
            (self.points, self.truth.points[:: self.group], texts.answers, texts.truth),
            self.tools.device,
        )
        scored = geo_batch_reward(
            *(points, truth, self.tools.encoder.table, answered, right),
            spatial_weight=SPATIAL_WEIGHT,
            semantic_weight=SEMANTIC_WEIGHT,
            tau_km=settings.tau_km,
            cutoff_km=settings.cutoff_km,
            radius_km=EARTH_RADIUS_KM,
            gate=settings.gate,
        )
        return scored.cpu()

    @cached_property
    def distances_km(self) -> NDArray[np.float64]:
        """Great-circle distance of each answer to its truth, [N]; NaN where one is unknown."""
        if "reward" in self.__dict__:
            return self.reward.distance_km.double().numpy()
        distance = spatial_reward(*self.place_tensors(), radius_km=EARTH_RADIUS_KM).distance_km
        return np.asarray(distance.cpu().numpy(), dtype=np.float64)

    def place_tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return points [N, 2] and truths [N / G, 2] on the device of the kernels."""
        points = (self.points, self.truth.points[:: self.group])
        first, second = copy_together(points, self.tools.device)
        return first, second


def read_batch(completions: Sequence[Completion], columns: Mapping[str, Any]) -> Batch:
    """Return a batch as TRL hands it to a reward function: N completions and their truths.

    Args:
        completions: texts, or conversations whose last message by the policy is read.
        columns: of the data set, one value per completion; see `read_truth` for those that are
            read.

    Raises:
        ServiceError: later, by what is asked of the batch: a geocoder or encoder does not answer.
    """
    truth = read_truth(columns, len(completions))
    tools = reward_tools()
    parsed = read_completions(completions, tools.settings)
    return Batch(parsed, truth, tools, columns.get("row_id"))


def read_completions(
    completions: Sequence[Completion], settings: RewardSettings
) -> list[ParsedCompletion]:
    """Return what each completion says, read strictly, or as the published rewards read it."""
    if not settings.strict_reference:
        return parse_completions(completions)
    return [read_as_published(text_of(completion)) for completion in completions]


def as_rewards(
    values: torch.Tensor | NDArray[Any], scorable: NDArray[np.bool_], name: str
) -> list[float | None]:
    """Return TRL's list: a number per completion, None where there is no truth to score against.

    Args:
        values: the rewards, [N].
        scorable: rows with a truth, [N]: `batch.truth.has_point` or `batch.truth.has_names`.
        name: of the reward, for messages.

    Raises:
        ServiceError: a number is not finite; it would silently become "does not apply".
    """
    numbers = np.asarray(values.cpu() if isinstance(values, torch.Tensor) else values, np.float64)
    if not np.isfinite(numbers[scorable]).all():
        raise ServiceError(
            f"the reward {name} is not finite for {int((~np.isfinite(numbers[scorable])).sum())} "
            "completions. Look for NaN in the encoder's output or the data."
        )
    if scorable.all():
        return [*numbers.tolist()]
    pairs = zip(numbers.tolist(), scorable.tolist(), strict=True)
    return [number if use else None for number, use in pairs]
