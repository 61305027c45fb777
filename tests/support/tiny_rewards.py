"""Reward functions that recipes of the tests name by their path."""

import asyncio
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


async def length_later(completions: list[Any], **columns: Any) -> list[float]:
    """The same; asked as a service is."""
    await asyncio.sleep(0)
    return length(completions, **columns)


class Offset:
    """The same plus a number."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def __call__(self, completions: list[Any], **columns: Any) -> list[float]:
        return [value + self.offset for value in length(completions, **columns)]


def write_reward_model(kit: Path, folder: Path) -> Path:
    """Write a tiny random model that scores a text with one number, and return its folder."""
    from geoagent_training.models.loading import load_processor
    from transformers import Qwen2Config, Qwen2ForSequenceClassification

    tokenizer = load_processor(str(kit / "model")).tokenizer
    shape = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        num_attention_heads=2,
        num_key_value_heads=1,
        num_labels=1,
        pad_token_id=tokenizer.pad_token_id,
        **shape,
    )
    Qwen2ForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def place_in_group(completions: list[Any], **_columns: Any) -> list[float]:
    """A reward that is the same however a batch of groups of four is split between processes."""
    return [float(number % 4) for number in range(len(completions))]


def fault_of_one(completions: list[Any], trainer_state: Any, **_columns: Any) -> list[float]:
    """The same; the judge of the last process is down after the first step."""
    if trainer_state.global_step and os.environ["RANK"] == "1":
        raise ServiceError("the judge at http://127.0.0.1:9/v1 is down.")
    return place_in_group(completions)


def flat_for_even_rows(completions: list[Any], row_id: list[str], **_columns: Any) -> list[float]:
    """The same for all answers to a row with an even line, different for the others."""
    lines = [int(name.rpartition(":")[2]) for name in row_id]
    return [float(at % 4) if line % 2 else 1.0 for at, line in enumerate(lines)]


def flat_for_most_rows(completions: list[Any], row_id: list[str], **_columns: Any) -> list[float]:
    """The same for all answers to a row, but for every third line; alone, by its line.

    It does not depend on how a batch is split between processes.
    """
    lines = [int(name.rpartition(":")[2]) for name in row_id]
    places = [row_id[:at].count(name) % 4 for at, name in enumerate(row_id)]
    return [
        place + 0.0 if line % 3 == 0 else 1.0 for place, line in zip(places, lines, strict=True)
    ]
