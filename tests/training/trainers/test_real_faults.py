"""What really happens to runs: killed with signal 9, or on a file system without a free byte."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from geoagent_training.grpo import run_grpo
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.recipe_file import load_recipe
from geoagent_training.trainers.checkpoints import last_checkpoint, train
from safetensors.torch import load_file

from geoagent_graph.errors import StorageError
from tests.support import tiny_rewards
from tests.support.paths import ROOT

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _recipe(kit: Path, out: Path, reward: str, **trainer: Any) -> dict[str, Any]:
    return {
        "model": str(kit / "model"),
        "data": {"path": str(kit / "places" / "rows.jsonl")},
        "device": "cpu",
        "system_prompt": "Where was this photo taken?",
        "lora": {"r": 8, "alpha": 16},
        "rewards": [{"function": f"tests.support.tiny_rewards.{reward}"}],
        "trainer": {
            "output_dir": str(out),
            "max_steps": 4,
            "save_steps": 1,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 12,
            "learning_rate": 1e-3,
            "temperature": 1.0,
            **trainer,
        },
    }


def _adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_a_run_killed_with_signal_9_goes_on_as_if_it_had_not_been(
    kit: Path, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(_recipe(kit, tmp_path / "killed", "length_or_kill")))
    command = [sys.executable, "-m", "geoagent_training.cli", "grpo", "--config", str(path)]
    here = {tiny_rewards.KILL_AT: "2", "OMP_NUM_THREADS": "1"}
    died = subprocess.run(
        command, env={**os.environ, **here}, cwd=ROOT, capture_output=True, check=False, timeout=300
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-1000:]
    assert last_checkpoint(tmp_path / "killed") == tmp_path / "killed" / "checkpoint-2"
    resumed = run_grpo(load_recipe(path, GrpoRecipe), resume=True)
    whole = run_grpo(GrpoRecipe(**_recipe(kit, tmp_path / "whole", "length_or_kill")))
    one, other = _adapter(resumed), _adapter(whole)
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)
    rewards = [
        {entry["step"]: entry["reward"] for entry in json.loads(log.read_text()) if "loss" in entry}
        for log in (tmp_path / "killed" / "log.json", tmp_path / "whole" / "log.json")
    ]
    assert rewards[0] == rewards[1]


def test_a_disk_that_is_really_full_leaves_the_checkpoint_before(
    kit: Path, small_disk: Path
) -> None:
    ballast = small_disk / "ballast"
    recipe = GrpoRecipe(**_recipe(kit, small_disk / "run", "length_and_fill", max_steps=3))
    tiny_rewards.FILL[:] = [ballast]
    try:
        with pytest.raises(StorageError, match=r"the disk is full: .*checkpoint-1 is whole"):
            run_grpo(recipe)
    finally:
        tiny_rewards.FILL.clear()
    assert [p.name for p in (small_disk / "run").glob("checkpoint-*")] == ["checkpoint-1"]
    ballast.unlink()
    assert (run_grpo(recipe, resume=True) / "adapter_model.safetensors").is_file()


def test_a_log_that_does_not_fit_is_no_traceback(tmp_path: Path) -> None:
    class Trainer:
        args = SimpleNamespace(output_dir=str(tmp_path))

        def train(self, resume_from_checkpoint: str | None) -> None:
            with Path("/dev/full").open("w") as file:
                file.write("a sample completion")

    with pytest.raises(StorageError, match="the disk is full: a log could not be written"):
        train(Trainer(), None)
