"""Reward functions that recipes of the tests name by their path."""

import os
import signal
from pathlib import Path
from typing import Any

from geoagent_training.errors import ServiceError
from geoagent_training.rewards.completions import text_of

FAIL_AT: list[int] = []
KILL_AT = "GEOAGENT_TEST_KILL_AT"
FILL: list[Path] = []


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


def length_or_kill(completions: list[Any], trainer_state: Any, **_columns: Any) -> list[float]:
    """The same; the process dies as by `kill -9` at the step the environment names."""
    if os.environ.get(KILL_AT) == str(trainer_state.global_step):
        os.kill(os.getpid(), signal.SIGKILL)
    return length(completions)


def length_and_fill(completions: list[Any], trainer_state: Any, **_columns: Any) -> list[float]:
    """The same; from the second step on the file systems of `FILL` are full to the last byte."""
    if trainer_state.global_step:
        for path in FILL:
            with path.open("wb", buffering=0) as ballast:
                try:
                    while ballast.write(bytes(4096)):
                        pass
                except OSError:
                    pass
    return length(completions)
