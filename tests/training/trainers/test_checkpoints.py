"""Checkpoints count once they are whole; a run that stops says how to go on."""

import errno
import json
import random
import shutil
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from geoagent_training.errors import ConfigError, ServiceError, TrainingStopped
from geoagent_training.trainers.checkpoints import (
    RandomState,
    WholeCheckpoints,
    last_checkpoint,
    resume_point,
    train,
    write_log,
)
from geoagent_training.trainers.run_shape import RunShape, check_shape

from geoagent_graph.errors import InputError, StorageError

Usage = namedtuple("Usage", "total used free")  # as `shutil.disk_usage` gives it


def checkpoint(folder: Path, name: str, *, whole: bool = True) -> Path:
    path = folder / name
    path.mkdir(parents=True)
    if whole:
        (path / "complete").write_text("")
    return path


class Saver:
    """Stands for TRL's trainer below the mixin."""

    fault: Exception | None = None

    def __init__(self, folder: Path, step: int = 7, error: Exception | None = None) -> None:
        self.args = SimpleNamespace(
            output_dir=str(folder),
            should_save=True,
            per_device_train_batch_size=2,
            gradient_accumulation_steps=4,
        )
        self.state = SimpleNamespace(global_step=step, log_history=[{"loss": 1.0}])
        self.accelerator = SimpleNamespace(
            is_main_process=True,
            wait_for_everyone=lambda: None,
            num_processes=1,
            distributed_type="DistributedType.NO",
        )
        self.model = object()
        self.error = error

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        path = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        path.mkdir(parents=True)
        (path / "weights").write_text("")
        if self.fault:
            raise self.fault

    def train(self, resume_from_checkpoint: str | None) -> None:
        if self.error:
            raise self.error


class SmallTrainer(WholeCheckpoints, Saver):
    """A trainer that saves next to nothing."""


def test_the_newest_whole_checkpoint_is_found_by_number(tmp_path: Path) -> None:
    assert last_checkpoint(tmp_path) is None
    checkpoint(tmp_path, "checkpoint-9")
    wanted = checkpoint(tmp_path, "checkpoint-10")
    checkpoint(tmp_path, "checkpoint-11", whole=False)
    checkpoint(tmp_path, "checkpoint-old")
    assert last_checkpoint(tmp_path) == wanted


def test_an_earlier_run_is_gone_on_from_only_when_told(tmp_path: Path) -> None:
    assert resume_point(tmp_path / "new", resume=True) is None
    kept = checkpoint(tmp_path, "checkpoint-3")
    assert resume_point(tmp_path, resume=True) == str(kept)
    with pytest.raises(ConfigError, match="holds checkpoint-3 of an earlier run: add --resume"):
        resume_point(tmp_path, resume=False)


def test_a_full_disk_or_a_file_in_the_way_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="the output folder cannot be made"):
        resume_point(tmp_path / "file", resume=False)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1, 1, 49_000_000))
    with pytest.raises(StorageError, match="only 49 MB are free"):
        resume_point(tmp_path, resume=False)


def test_a_checkpoint_is_marked_when_all_of_it_is_written(tmp_path: Path) -> None:
    trainer = SmallTrainer(tmp_path)
    trainer._save_checkpoint(None, None)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-7"


def test_a_run_goes_on_from_a_checkpoint_of_its_shape_alone(tmp_path: Path) -> None:
    trainer = SmallTrainer(tmp_path)
    trainer._save_checkpoint(None, None)
    point = str(tmp_path / "checkpoint-7")
    train(trainer, point)
    trainer.accelerator.num_processes = 2
    with pytest.raises(ConfigError, match=r"checkpoint-7: .* 8 rows a step, this run takes 16"):
        train(trainer, point)
    trainer.args.gradient_accumulation_steps = 2  # as many rows, shared by two
    trainer.accelerator.distributed_type = "DistributedType.MULTI_GPU"
    train(trainer, point)
    trainer.accelerator.distributed_type = "DistributedType.FSDP"
    with pytest.raises(ConfigError, match="with whole copies of the model, this one is with FSDP"):
        train(trainer, point)
    (tmp_path / "checkpoint-7" / "complete").write_text("all files are written\n")  # an older one
    train(trainer, point)


def test_parts_of_zero_are_for_as_many_processes() -> None:
    before = RunShape(2, 8, "DEEPSPEED")
    with pytest.raises(
        ConfigError, match=r"by 2 processes of ZeRO, .* this run has 4\. Start it on 2"
    ):
        check_shape(before, RunShape(4, 8, "DEEPSPEED"), "checkpoint-7")
    check_shape(before, before, "checkpoint-7")


def test_a_checkpoint_that_finds_no_room_is_removed(tmp_path: Path) -> None:
    checkpoint(tmp_path, "checkpoint-3")
    trainer = SmallTrainer(tmp_path)
    hidden = RuntimeError("write failed")  # as torch hides it
    hidden.__cause__ = OSError(errno.ENOSPC, "no space")
    trainer.fault = hidden
    with pytest.raises(StorageError, match=r"disk is full: checkpoint-7 .* checkpoint-3 is whole"):
        trainer._save_checkpoint(None, None)
    assert not (tmp_path / "checkpoint-7").exists()


def test_another_fault_of_saving_stays_what_it_is(tmp_path: Path) -> None:
    trainer = SmallTrainer(tmp_path)
    trainer.fault = RuntimeError("a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        trainer._save_checkpoint(None, None)
    assert last_checkpoint(tmp_path) is None


def test_a_service_that_fails_leaves_a_checkpoint_and_the_random_numbers_of_its_batch(
    tmp_path: Path,
) -> None:
    trainer = SmallTrainer(tmp_path, error=ServiceError("the judge died."))
    trainer.before_batch = RandomState.now()
    wanted = (random.random(), np.random.rand(), float(torch.rand(1)))  # noqa: NPY002
    with pytest.raises(TrainingStopped, match=r"^the judge died\. .* step 7; --resume goes on"):
        train(trainer, None)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-7"
    assert (random.random(), np.random.rand(), float(torch.rand(1))) == wanted  # noqa: NPY002


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (ServiceError("gone."), TrainingStopped, "at step 0, before its first checkpoint"),
        (InputError("odd."), TrainingStopped, r"odd\. The run stopped at step 0"),
        (StorageError("full."), StorageError, r"^full\.$"),
        (OSError(errno.ENOSPC, "x"), StorageError, "a log could not be written .* No checkpoint"),
        (PermissionError("not yours"), PermissionError, "not yours"),
    ],
)
def test_what_stops_a_run_says_so_in_the_projects_words(
    tmp_path: Path, error: Exception, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        train(SmallTrainer(tmp_path, step=0, error=error), None)
    assert last_checkpoint(tmp_path) is None


def test_the_log_is_written_by_the_main_process_alone(tmp_path: Path) -> None:
    trainer = SmallTrainer(tmp_path)
    trainer.accelerator.is_main_process = False
    write_log(trainer)
    assert not (tmp_path / "log.json").exists()
    trainer.accelerator.is_main_process = True
    write_log(trainer)
    assert json.loads((tmp_path / "log.json").read_text()) == [{"loss": 1.0}]
