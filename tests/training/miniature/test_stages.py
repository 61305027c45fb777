"""Stages of the miniature: rewards of each variant, size of a step, nothing trained twice."""

from pathlib import Path

import pytest
from geoagent_training.miniature import stages
from geoagent_training.miniature.results import read_results
from geoagent_training.miniature.stages import FULL, VARIANTS, Scale


def test_what_is_left_out_keeps_its_curve_and_loses_its_weight() -> None:
    full = {choice.function: choice.weight for choice in VARIANTS[FULL]}
    assert (full["spatial"], full["semantic"], full["consistency"]) == (1.5, 1.0, 0.5)
    for left_out in ("spatial", "semantic", "consistency"):
        weights = {c.function: c.weight for c in VARIANTS[f"without {left_out}"]}
        assert weights == full | {left_out: 0.0}


def test_a_step_learns_from_every_answer_that_was_sampled_for_it(tmp_path: Path) -> None:
    scale = Scale(prompts_per_step=16, generations=8)
    recipe = stages.grpo_recipe(tmp_path, tmp_path, tmp_path / "o", 3, scale, VARIANTS[FULL])
    given = recipe.trainer
    assert given["per_device_train_batch_size"] * given["gradient_accumulation_steps"] == 16 * 8
    assert (given["seed"], given["output_dir"]) == (3, str(tmp_path / "o"))
    assert recipe.reward_settings.consistency_characters == (8, 18)


def test_a_stage_is_trained_once_exported_whole_and_its_cost_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def build(folder: Path, texts: list[str], size: object) -> Path:
        ran.append(folder.name)
        return folder

    def export(trained: Path, folder: Path) -> Path:
        assert not folder.exists()
        folder.mkdir()
        return folder

    monkeypatch.setattr(stages, "build_tiny_model", build)
    monkeypatch.setattr(stages, "write_captions", lambda folder, *counts, seed: folder)
    monkeypatch.setattr(stages, "_learn_captions", lambda empty, captions, folder, scale: folder)
    monkeypatch.setattr(stages, "export_model", export)
    (tmp_path / "base.part").mkdir()  # an export that was cut off
    for _ in range(2):
        assert stages.train_base(tmp_path, Scale()) == tmp_path / "base"
    assert ran == ["random"]
    assert [row["stage"] for row in read_results(tmp_path / "costs.csv")] == ["base"]
    assert not (tmp_path / "base.part").exists()
    assert len([*tmp_path.glob("base.broken-*")]) == 1
