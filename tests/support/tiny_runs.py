"""Recipes of a few steps on the tiny kit, and what they leave behind."""

from pathlib import Path
from typing import Any

import torch
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice, SftRecipe
from safetensors.torch import load_file

SYSTEM = "Where was this photo taken?"
LENGTH = "tests.support.tiny_rewards.length"


def sft_recipe(kit: Path, out: Path, **trainer: Any) -> SftRecipe:
    """Return a recipe of three steps of SFT on the kit's chains."""
    return SftRecipe(
        model=str(kit / "model"),
        data=DataChoice(path=kit / "chains" / "rows.jsonl"),
        device="cpu",
        target="think_answer",
        system_prompt=SYSTEM,
        lora=LoraChoice(r=8, alpha=16),
        trainer={
            "output_dir": str(out),
            "max_steps": 3,
            "per_device_train_batch_size": 2,
            "gradient_accumulation_steps": 1,
            "learning_rate": 1e-3,
            **trainer,
        },
    )


def grpo_recipe(kit: Path, out: Path, rewards: list[str], **trainer: Any) -> GrpoRecipe:
    """Return a recipe of three steps of GRPO on the kit's scenes."""
    return GrpoRecipe(
        model=str(kit / "model"),
        data=DataChoice(path=kit / "places" / "rows.jsonl"),
        device="cpu",
        system_prompt=SYSTEM,
        lora=LoraChoice(r=8, alpha=16),
        rewards=[{"function": name} for name in rewards],
        trainer={
            "output_dir": str(out),
            "max_steps": 3,
            "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 1,
            "num_generations": 4,
            "max_completion_length": 16,
            "learning_rate": 1e-3,
            "temperature": 1.0,
            **trainer,
        },
    )


def adapter_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights of an adapter."""
    return load_file(folder / "adapter_model.safetensors")
