"""Reward functions that recipes of the tests name by their path."""

from typing import Any

from geoagent_training.completions import text_of
from geoagent_training.errors import ServiceError

FAIL_AT: list[int] = []


def length(completions: list[Any], **_columns: Any) -> list[float]:
    """A reward that differs between random completions."""
    return [float(sum(map(ord, text_of(completion))) % 17) for completion in completions]


def place_in_batch(completions: list[Any], **_columns: Any) -> list[float]:
    """A reward that differs even between equal completions."""
    return [float(number % 3) for number in range(len(completions))]


def length_or_fault(completions: list[Any], trainer_state: Any, **_columns: Any) -> list[float]:
    if trainer_state.global_step in FAIL_AT:
        raise ServiceError("the judge died.")
    return length(completions)


def not_a_number(completions: list[Any], **_columns: Any) -> list[float]:
    return [float("nan")] * len(completions)
