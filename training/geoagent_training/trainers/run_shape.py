"""How many processes a checkpoint was written by, and whether another run can go on from it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from geoagent_training.errors import ConfigError

Split = Literal["copies", "FSDP", "DEEPSPEED"]


@dataclass(frozen=True, slots=True)
class RunShape:
    """Processes, the rows that all of them learn in a step, and how the model is split."""

    processes: int
    rows_per_step: int
    split: Split

    @classmethod
    def of(cls, trainer: Any) -> "RunShape":
        """Return the shape of a run."""
        processes = int(trainer.accelerator.num_processes)
        rows = trainer.args.per_device_train_batch_size * trainer.args.gradient_accumulation_steps
        used = str(trainer.accelerator.distributed_type).rpartition(".")[2]
        split: Split = "FSDP" if used == "FSDP" else "copies"
        return cls(processes, rows * processes, "DEEPSPEED" if used == "DEEPSPEED" else split)

    def text(self) -> str:
        """Return the shape as a line of JSON."""
        return json.dumps(asdict(self)) + "\n"


def read_shape(path: Path) -> RunShape | None:
    """Return the shape that a checkpoint has in a file; None where it is older than shapes are."""
    try:
        return RunShape(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        return None


def check_shape(before: RunShape, now: RunShape, name: str) -> None:
    """Refuse a run whose rows or optimiser would not be those that a checkpoint left.

    Data order goes on where it was as long as a step learns as many rows; how many processes share
    them changes nothing. Copies and FSDP keep one whole optimiser, ZeRO a part for each process.

    Raises:
        ConfigError: it cannot go on from there.
    """
    if before.split != now.split:
        raise ConfigError(
            f"{name}: was written by a run with {_words_of(before.split)}, this one is with "
            f"{_words_of(now.split)}: its optimiser cannot be read. Start it as before"
        )
    if before.split == "DEEPSPEED" and before.processes != now.processes:
        raise ConfigError(
            f"{name}: was written by {before.processes} processes of ZeRO, which keep a part "
            f"of the optimiser each; this run has {now.processes}. Start it on {before.processes}"
        )
    if before.rows_per_step != now.rows_per_step:
        raise ConfigError(
            f"{name}: was written with {before.rows_per_step} rows a step, this run takes "
            f"{now.rows_per_step}: rows would come twice or never. Choose per_device_train_batch_"
            f"size and gradient_accumulation_steps so that times {now.processes} processes they "
            f"make {before.rows_per_step}"
        )


def _words_of(split: Split) -> str:
    return {"copies": "whole copies of the model", "FSDP": "FSDP", "DEEPSPEED": "ZeRO"}[split]
