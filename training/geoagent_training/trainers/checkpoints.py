"""Checkpoints that are whole or not there, and a run that stops without losing what it learned."""

import errno
import json
import logging
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from geoagent_graph.errors import GeoAgentError, StorageError
from geoagent_training.errors import ConfigError, ServiceError, TrainingStopped
from geoagent_training.trainers.run_shape import RunShape, check_shape, read_shape

log = logging.getLogger(__name__)


def _to_numbered_cpu(storage: Any, location: str) -> Any:
    """Return a storage that is to lie on `cpu:0`: torch knows `cpu` alone."""
    return storage if location.startswith("cpu:") else None


# Where several processes train on CPUs, Transformers loads the optimiser to the device of each.
torch.serialization.register_package(100, lambda _storage: None, _to_numbered_cpu)

_MARK: Final = "complete"
_MIN_FREE_BYTES: Final = 50_000_000


@dataclass(frozen=True)
class RandomState:
    """Where the random numbers of this process stand."""

    python: Any
    numpy: Any
    torch: Any
    cuda: Any

    @classmethod
    def now(cls) -> "RandomState":
        """Return the present state."""
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None
        return cls(random.getstate(), np.random.get_state(), torch.get_rng_state(), cuda)  # noqa: NPY002

    def restore(self) -> None:
        """Go back to this state."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)  # noqa: NPY002
        torch.set_rng_state(self.torch)
        if self.cuda is not None:
            torch.cuda.set_rng_state_all(self.cuda)


class WholeCheckpoints:
    """Mixed into a TRL trainer: a checkpoint is marked once all of it is written.

    The mark says by how many processes (`run_shape`).
    """

    args: Any
    state: Any
    accelerator: Any
    before_batch: RandomState | None = None
    """Set by trainers that draw random numbers before a step can fail."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
            self.accelerator.wait_for_everyone()  # the parts of every process
            if self.args.should_save:
                (folder / _MARK).write_text(RunShape.of(self).text())
            self.accelerator.wait_for_everyone()  # so that all of them find the mark
        except Exception as error:
            if not _is_disk_full(error, folder.parent):
                raise
            shutil.rmtree(folder, ignore_errors=True)
            raise _disk_full_error(f"{folder.name} could not be written", folder.parent) from error


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint of a run that was written to its end, or None."""
    found = [
        (int(step), path)
        for path in folder.glob("checkpoint-*")
        if (step := path.name.removeprefix("checkpoint-")).isdecimal() and (path / _MARK).is_file()
    ]
    return max(found)[1] if found else None


def resume_point(folder: Path, *, resume: bool) -> str | None:
    """Return the checkpoint to go on from, None to start.

    Raises:
        ConfigError: there are checkpoints and nobody said what to do with them.
        StorageError: the folder cannot be written, or the disk is nearly full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageError(f"{folder}: the output folder cannot be made: {error}") from error
    if free < _MIN_FREE_BYTES:
        raise StorageError(f"{folder}: only {free // 1_000_000} MB are free; make room first")
    newest = last_checkpoint(folder)
    if newest is not None and not resume:
        raise ConfigError(
            f"{folder} holds {newest.name} of an earlier run: add --resume, or choose another "
            "trainer.output_dir"
        )
    return str(newest) if newest else None


def train(trainer: Any, resume_from: str | None) -> None:
    """Run a trainer to its end; what stops it on purpose leaves a checkpoint behind.

    Raises:
        ConfigError: the checkpoint is of a run with other rows in a step, or split otherwise.
        GeoAgentError: a service, the disk or a guard stopped the run; the message says where the
            last checkpoint is.
    """
    if resume_from is not None:
        before = read_shape(Path(resume_from) / _MARK)
        if before is not None:
            check_shape(before, RunShape.of(trainer), Path(resume_from).name)
    try:
        trainer.train(resume_from_checkpoint=resume_from)
    except ServiceError as error:
        step = trainer.state.global_step
        if step:
            # weights change only between steps, so those of the last whole step are in memory;
            # the completions of the step that failed are sampled again
            if trainer.before_batch is not None:
                trainer.before_batch.restore()
            trainer._save_checkpoint(trainer.model, None)
        raise TrainingStopped(f"{error} {_resume_hint(trainer, step)}") from error
    except (StorageError, TrainingStopped):
        raise
    except GeoAgentError as error:
        raise TrainingStopped(
            f"{error} {_resume_hint(trainer, trainer.state.global_step)}"
        ) from error
    except OSError as error:
        folder = Path(trainer.args.output_dir)
        if not _is_disk_full(error, folder):
            raise
        raise _disk_full_error("a log could not be written", folder) from error


def write_log(trainer: Any) -> None:
    """Write everything that was logged to `log.json` in the output folder."""
    if trainer.accelerator.is_main_process:
        path = Path(trainer.args.output_dir) / "log.json"
        path.write_text(json.dumps(trainer.state.log_history, indent=1), encoding="utf-8")


def _resume_hint(trainer: Any, step: int) -> str:
    newest = last_checkpoint(Path(trainer.args.output_dir))
    if newest is None:
        return f"The run stopped at step {step}, before its first checkpoint."
    return f"The run stopped after step {step}; --resume goes on from {newest}."


def _disk_full_error(what: str, folder: Path) -> StorageError:
    kept = last_checkpoint(folder)
    return StorageError(
        f"the disk is full: {what} to {folder}. "
        f"{f'{kept.name} is whole' if kept else 'No checkpoint is there yet'}: "
        "free some space and start again with --resume."
    )


def _is_disk_full(error: Exception, folder: Path) -> bool:
    """Say whether a write failed for want of space; torch and safetensors hide the error number."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        seen = seen.__cause__ or seen.__context__
    try:
        return shutil.disk_usage(folder).free < 1_000_000
    except OSError:
        return False
