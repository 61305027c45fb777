"""One batch of completions against its truth: positions, embeddings, distances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from geoagent_kernels import great_circle_km
from numpy.typing import NDArray

from geoagent_training.errors import ServiceError
from geoagent_training.rewards.answer_places import claimed_fields
from geoagent_training.rewards.completions import (
    Completion,
    ParsedCompletion,
    parse_completions,
    text_of,
)
from geoagent_training.rewards.place_names import Fields
from geoagent_training.rewards.reference_reading import read_as_published
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, reward_tools
from geoagent_training.rewards.truth import Truth, read_truth

EARTH_RADIUS_KM = 6371.0
"""The paper's radius."""

GATES = (0.7, 0.5)
"""Likeness of the country that opens the region, and of the region that opens the place."""

# the kernel decides at the gate itself; a little below it is encoded too
_GATE_SLACK = 1e-3
_EMPTY: Fields = ("", "", "")


@dataclass(frozen=True)
class Batch:
    """Completions read, and what they are measured against.

    Names and points are resolved once per batch, when they are first asked for; so are distances.
    """

    parsed: list[ParsedCompletion]
    truth: Truth
    tools: RewardTools

    @cached_property
    def names(self) -> list[Fields]:
        """Country, region and place of each answer; empty where it does not name one country.

        Beyond the paper: there, any text earns its likeness to the right one.
        """
        if self.tools.settings.strict_reference:
            return [one.answer.fields if one.answer else _EMPTY for one in self.parsed]
        resolver = self.tools.resolver
        claims = [
            claimed_fields(one.answer, resolver.lies_in, right) if one.answer else _EMPTY
            for one, right in zip(self.parsed, self.truth.names, strict=True)
        ]
        return [
            fields if fields[0] and resolver.names_one_country(fields[0]) else _EMPTY
            for fields in claims
        ]

    def with_english_countries(self, names: Sequence[Fields]) -> list[Fields]:
        """Return names whose countries are compared by what they mean, not by how they are written.

        Beyond the paper: there, "FR" and "Kyrgyz Republic" are unlike France and Kyrgyzstan.
        """
        if self.tools.settings.strict_reference:
            return [*names]
        english = self.tools.resolver.english_country
        return [
            (english(country) if country else "", region, place) for country, region, place in names
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
    def distances_km(self) -> NDArray[np.float64]:
        """Great-circle distance of each answer to its truth, [N]; NaN where one is unknown."""
        distance = great_circle_km(
            self.tensor(self.points), self.tensor(self.truth.points), radius_km=EARTH_RADIUS_KM
        )
        return np.asarray(distance.cpu().numpy(), dtype=np.float64)

    def tensor(self, numbers: NDArray[Any]) -> torch.Tensor:
        """Return an array as a tensor on the device of the kernels."""
        return torch.from_numpy(np.ascontiguousarray(numbers)).to(self.tools.settings.device)

    def embeddings(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return answer and truth embeddings, [N, 3, D] each, and the bits of present levels.

        A level whose gate is closed is never looked at, so it is not encoded either: zeros.
        """
        names = self.with_english_countries(self.names)
        truth = self.with_english_countries(self.truth.names)
        present = np.zeros(len(names), dtype=np.uint8)
        levels: list[NDArray[np.float32]] = []
        is_open = np.ones(len(names), dtype=bool)
        for level in range(3):
            both = np.array(
                [bool(a[level] and b[level]) for a, b in zip(names, truth, strict=True)], bool
            )
            present |= both.astype(np.uint8) << np.uint8(level)
            rows = np.flatnonzero(both & is_open)
            pairs = [side[row][level] for side in (names, truth) for row in rows]
            encoded = self.tools.encoder.encode(pairs)
            vectors = encoded.reshape(2, len(rows), encoded.shape[1])
            levels.append(_scatter_rows(vectors, rows, len(names)))
            if level < 2:
                alike = _pair_cosines(vectors[0], vectors[1]) >= GATES[level] - _GATE_SLACK
                is_open = np.zeros_like(is_open)
                is_open[rows[alike]] = True
        width = max(vectors.shape[-1] for vectors in levels)
        stacked = np.stack([_widen_to(vectors, width) for vectors in levels], axis=2)
        return self.tensor(stacked[0]), self.tensor(stacked[1]), self.tensor(present)


def _scatter_rows(
    vectors: NDArray[np.float32], rows: NDArray[Any], count: int
) -> NDArray[np.float32]:
    spread = np.zeros((2, count, vectors.shape[-1]), dtype=np.float32)
    spread[:, rows] = vectors
    return spread


def _widen_to(vectors: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Return zeros of the full width where a level had nothing to encode."""
    if vectors.shape[-1] == width:
        return vectors
    return np.zeros((*vectors.shape[:-1], width), dtype=np.float32)


def _pair_cosines(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    products: NDArray[np.float64] = (one.astype(np.float64) * other).sum(axis=-1)
    cosines: NDArray[np.float64] = products / np.maximum(lengths, 1e-12)
    return cosines


def read_batch(completions: Sequence[Completion], columns: Mapping[str, Any]) -> Batch:
    """Return a batch as TRL hands it to a reward function: N completions and their truths.

    Args:
        completions: texts, or conversations whose last message by the policy is read.
        columns: of the data set, one value per completion; see `read_truth` for those that are
            read.

    Raises:
        ServiceError: later, by what is asked of the batch: a geocoder or encoder does not answer.
    """
    tools = reward_tools()
    truth = read_truth(columns, len(completions))
    return Batch(read_completions(completions, tools.settings), truth, tools)


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
    return [float(n) if use else None for n, use in zip(numbers, scorable, strict=True)]
