"""Logs through wandb and trackio, without a network; only where they are installed."""

import sqlite3
from pathlib import Path

import pytest
from geoagent_training.miniature.tiny_kit import write_tiny_kit
from geoagent_training.recipe import DataChoice, LoraChoice, SftRecipe
from geoagent_training.sft import run_sft

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


def _run(tmp_path: Path, tracker: str) -> None:
    kit = write_tiny_kit(tmp_path / "kit", 4)
    trainer = {"output_dir": str(tmp_path / "run"), "max_steps": 2, "report_to": tracker}
    batch = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 1}
    recipe = SftRecipe(
        model=str(kit / "model"),
        data=DataChoice(path=kit / "chains" / "rows.jsonl"),
        device="cpu",
        lora=LoraChoice(r=8, alpha=16),
        trainer={**trainer, **batch, "run_name": "tiny"},
    )
    run_sft(recipe)


def test_losses_arrive_in_wandb_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.chdir(tmp_path)
    _run(tmp_path, "wandb")
    wandb.finish()
    log = next((tmp_path / "wandb").glob("offline-run-*/*.wandb"))
    assert b"train/loss" in log.read_bytes()


def test_losses_arrive_in_trackio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("trackio")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    _run(tmp_path, "trackio")
    (path,) = (tmp_path / "trackio").glob("*.db")
    with sqlite3.connect(path) as database:
        rows = database.execute("select metrics from metrics").fetchall()
    assert any("train/loss" in str(row) for row in rows)
