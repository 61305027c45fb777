"""Both trainers on the tiny model: resuming, checkpoints, and the recipes as they are."""

import errno
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.grpo import run_grpo
from geoagent_training.models.export import export_model
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.sft import run_sft
from geoagent_training.trainers.checkpoints import last_checkpoint

from geoagent_graph.errors import StorageError
from tests.support.paths import ROOT
from tests.support.tiny_runs import LENGTH, adapter_weights, grpo_recipe, sft_recipe

RecipeT = TypeVar("RecipeT", SftRecipe, GrpoRecipe)

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]


@pytest.mark.parametrize("stage", ["sft", "grpo"])
def test_a_resumed_run_takes_the_same_next_step(kit: Path, tmp_path: Path, stage: str) -> None:
    def run(out: Path, steps: int, *, resume: bool = False) -> Path:
        schedule = {"lr_scheduler_type": "constant", "save_steps": 2, "max_steps": steps}
        if stage == "sft":
            return run_sft(sft_recipe(kit, out, **schedule), resume=resume)
        return run_grpo(grpo_recipe(kit, out, [LENGTH], **schedule), resume=resume)

    whole = run(tmp_path / "whole", 4)
    run(tmp_path / "killed", 2)
    # what a kill during the next save leaves behind
    partial = tmp_path / "killed" / "checkpoint-3"
    partial.mkdir()
    (partial / "adapter_model.safetensors").write_bytes(b"half")
    resumed = run(tmp_path / "killed", 4, resume=True)
    one, other = adapter_weights(whole), adapter_weights(resumed)
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)


def test_checkpoints_are_not_overwritten_unasked(kit: Path, tmp_path: Path) -> None:
    run_sft(sft_recipe(kit, tmp_path, max_steps=1))
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-1"
    with pytest.raises(ConfigError, match="add --resume"):
        run_sft(sft_recipe(kit, tmp_path, max_steps=1))


def test_a_full_disk_leaves_the_checkpoint_before(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = torch.save

    def save(value: object, path: Any, *arguments: Any, **options: Any) -> None:
        if "checkpoint-2" in str(path):
            Path(str(path)).write_bytes(b"half of it")
            raise OSError(errno.ENOSPC, "No space left on device")
        real(value, path, *arguments, **options)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(StorageError, match=r"disk is full: checkpoint-2.*checkpoint-1 is whole"):
        run_sft(sft_recipe(kit, tmp_path, save_steps=1))
    assert [p.name for p in tmp_path.glob("checkpoint-*")] == ["checkpoint-1"]
    monkeypatch.undo()
    run_sft(sft_recipe(kit, tmp_path, save_steps=1), resume=True)
    assert (tmp_path / "final" / "adapter_model.safetensors").is_file()


def _one_step(recipe: RecipeT) -> RecipeT:
    return recipe.model_copy(update={"trainer": {**recipe.trainer, "max_steps": 1}})


def test_the_tiny_recipes_run_as_they_are(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from geoagent_training.recipe_file import load_recipe

    recipes = ROOT / "training" / "recipes"
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "tiny").symlink_to(kit)
    monkeypatch.chdir(tmp_path)
    for name in ("sft_tiny_cpu", "sft_agent_tiny_cpu", "sft_graph_tiny_cpu"):
        # as they are but for the number of steps: one goes through everything that all do
        final = run_sft(_one_step(load_recipe(recipes / f"{name}.yaml", SftRecipe)))
        assert (final / "processor_config.json").is_file()
        export_model(final, final.with_name("plain"))
    for name in ("grpo_tiny_cpu", "grpo_agent_tiny_cpu", "grpo_graph_tiny_cpu"):
        recipe = _one_step(load_recipe(recipes / f"{name}.yaml", GrpoRecipe))
        assert (run_grpo(recipe) / "adapter_model.safetensors").is_file()


def test_a_finished_run_that_is_resumed_trains_nothing_and_one_with_more_steps_goes_on(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = run_sft(sft_recipe(kit, tmp_path, max_steps=1))
    written = (final / "adapter_model.safetensors").stat().st_mtime_ns
    with monkeypatch.context() as patched:
        patched.setattr("geoagent_training.sft.load_model", pytest.fail)
        assert run_sft(sft_recipe(kit, tmp_path, max_steps=1), resume=True) == final
    assert (final / "adapter_model.safetensors").stat().st_mtime_ns == written
    run_sft(sft_recipe(kit, tmp_path, max_steps=2), resume=True)
    assert (tmp_path / "checkpoint-2").is_dir()
    assert (final / "adapter_model.safetensors").stat().st_mtime_ns != written
