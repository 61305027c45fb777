"""Trains the miniature and redraws the paper's table.

    geoagent-train miniature runs/miniature --seeds 3

One base model for all: it has learned to name what it sees and nothing of places. Each seed then
fine-tunes it on a few chains of thought and goes on with GRPO on other scenes, once with all
rewards and once without each of three. Everything that is done is skipped the next time, so a run
that was stopped goes on where it was.
"""

import csv
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from datasets import Dataset, Features, Image, List, Value
from trl import SFTConfig

from geoagent_training.chat_rows import ConversationCollator
from geoagent_training.evaluation import answer_photos, score_answers
from geoagent_training.export import export_model
from geoagent_training.grpo import run_grpo
from geoagent_training.miniature.chains import CONSISTENCY_CHARACTERS, SYSTEM, RuleJudge
from geoagent_training.miniature.data import vocabulary, write_captions, write_scenes
from geoagent_training.processors import load_model, load_processor
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice, RewardChoice, SftRecipe
from geoagent_training.reward_settings import RewardSettings
from geoagent_training.reward_tools import RewardTools, use_tools
from geoagent_training.sft import ChainTrainer, run_sft
from geoagent_training.tables import photo_table
from geoagent_training.tiny_model import TinySize, build_tiny_model

log = logging.getLogger(__name__)

SIZE: Final = TinySize(hidden=128, layers=3, vision_hidden=64, vision_layers=3)
REPLY_TOKENS: Final = 176
_FORMATS: Final = (RewardChoice(function="well_formed"), RewardChoice(function="answer_format"))
_SPATIAL: Final = RewardChoice(function="spatial", weight=1.5)
_SEMANTIC: Final = RewardChoice(function="semantic", weight=1.0)
_CONSISTENCY: Final = RewardChoice(function="consistency", weight=0.5)
VARIANTS: Final = {
    "GRPO": (_SPATIAL, _SEMANTIC, _CONSISTENCY, *_FORMATS),
    "without spatial": (_SEMANTIC, _CONSISTENCY, *_FORMATS),
    "without semantic": (_SPATIAL, _CONSISTENCY, *_FORMATS),
    "without consistency": (_SPATIAL, _SEMANTIC, *_FORMATS),
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is drawn and trained."""

    caption_scenes: int = 4000
    record_texts: int = 1500
    caption_epochs: float = 4
    sft_scenes: int = 400
    sft_epochs: float = 5
    grpo_scenes: int = 1500
    grpo_steps: int = 80
    prompts_per_step: int = 16
    generations: int = 8
    unseen_scenes: int = 240
    device: str = "cpu"


def run_miniature(folder: Path, seeds: int = 3, scale: Scale | None = None) -> Path:
    """Train what is missing under `folder` and return the CSV of the results."""
    scale = scale or Scale()
    tools = RewardTools(_settings(), given_judge=RuleJudge())
    use_tools(tools)
    unseen = write_scenes(folder / "unseen", scale.unseen_scenes, seed=999, chains=False)
    table = photo_table(unseen, "geoagent", system=SYSTEM, check_images=False)
    base = _base(folder, scale)
    results = folder / "results.csv"
    _measure(results, "base", 0, base, table)
    tuned = [_sft(folder, base, seed, scale) for seed in range(seeds)]
    for seed, model in enumerate(tuned):
        _measure(results, "SFT", seed, model, table)
    for name, rewards in VARIANTS.items():
        for seed, start in enumerate(tuned):
            model = _grpo(folder, start, name, rewards, seed, scale)
            use_tools(tools)
            _measure(results, name, seed, model, table)
    return results


def _base(folder: Path, scale: Scale) -> Path:
    """Return the model that names what it sees; vision tower and language model from scratch."""
    target = folder / "base"
    if target.exists():
        return target
    empty = build_tiny_model(folder / "random", vocabulary(), size=SIZE)
    captions = write_captions(folder / "captions", scale.caption_scenes, scale.record_texts, seed=1)
    processor = load_processor(str(empty))
    args = SFTConfig(
        output_dir=str(folder / "captioning"),
        num_train_epochs=scale.caption_epochs,
        per_device_train_batch_size=32,
        learning_rate=2e-3,
        warmup_steps=0.05,
        lr_scheduler_type="cosine",
        save_strategy="no",
        logging_steps=25,
        report_to="none",
        use_cpu=scale.device == "cpu",
        bf16=False,
        gradient_checkpointing=False,
        max_length=None,
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    trainer = ChainTrainer(
        model=load_model(str(empty), dtype="float32"),
        args=args,
        train_dataset=_caption_table(captions),
        processing_class=processor,
        data_collator=ConversationCollator(processor),
    )
    trainer.train()
    trainer.save_model(str(folder / "captioning" / "final"))
    processor.save_pretrained(folder / "captioning" / "final")
    return export_model(folder / "captioning" / "final", target)


def _caption_table(path: Path) -> Dataset:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [
        {
            "conversation": row["conversation"],
            "images": [{"path": str(path.parent / row["image"])}] if row["image"] else [],
        }
        for row in rows
    ]
    features = Features({"conversation": Value("string"), "images": List(Image())})
    return Dataset.from_list(pairs, features=features)


def _sft(folder: Path, base: Path, seed: int, scale: Scale) -> Path:
    target = folder / f"seed{seed}" / "sft"
    if target.exists():
        return target
    rows = write_scenes(
        folder / f"seed{seed}" / "chains", scale.sft_scenes, 100 + seed, chains=True
    )
    recipe = SftRecipe(
        model=str(base),
        data=DataChoice(path=rows, check_images=False),
        device=scale.device,
        target="think_answer",
        system_prompt=SYSTEM,
        lora=LoraChoice(r=32, alpha=64),
        trainer={
            "output_dir": str(folder / f"seed{seed}" / "sft_run"),
            "num_train_epochs": scale.sft_epochs,
            "per_device_train_batch_size": 16,
            "gradient_accumulation_steps": 1,
            "learning_rate": 3e-3,
            "warmup_steps": 0.1,
            "lr_scheduler_type": "cosine",
            "save_strategy": "no",
            "logging_steps": 10,
            "seed": seed,
            "bf16": False,
            "gradient_checkpointing": False,
        },
    )
    return export_model(run_sft(recipe), target)


def _grpo(folder: Path, tuned: Path, name: str, rewards: Any, seed: int, scale: Scale) -> Path:
    short = name.replace(" ", "_")
    target = folder / f"seed{seed}" / short
    if target.exists():
        return target
    rows = write_scenes(
        folder / f"seed{seed}" / "places", scale.grpo_scenes, 500 + seed, chains=False
    )
    recipe = GrpoRecipe(
        model=str(tuned),
        data=DataChoice(path=rows, check_images=False),
        device=scale.device,
        system_prompt=SYSTEM,
        lora=LoraChoice(r=32, alpha=64),
        rewards=rewards,
        reward_settings=_settings(),
        trainer={
            "output_dir": str(folder / f"seed{seed}" / f"{short}_run"),
            "max_steps": scale.grpo_steps,
            "per_device_train_batch_size": scale.prompts_per_step * scale.generations,
            "gradient_accumulation_steps": 1,
            "num_generations": scale.generations,
            "max_completion_length": REPLY_TOKENS,
            # ten times this, and the first steps of Adam undo what SFT taught
            "learning_rate": 2e-4,
            # with 0.001 and 8 prompts a step a policy came to name one country
            "beta": 0.04,
            "warmup_steps": 5,
            "temperature": 0.7,
            "lr_scheduler_type": "constant_with_warmup",
            "save_strategy": "no",
            "seed": seed,
            "bf16": False,
            "gradient_checkpointing": False,
        },
    )
    started = time.monotonic()
    trained = run_grpo(recipe, judge=RuleJudge())
    log.info("%s seed %d: %.0f s", name, seed, time.monotonic() - started)
    return export_model(trained, target)


def _settings() -> RewardSettings:
    # one clue list is a tenth of a human reasoning
    return RewardSettings(consistency_characters=CONSISTENCY_CHARACTERS)


def _measure(results: Path, name: str, seed: int, model: Path, table: Dataset) -> None:
    """Add one row to the results, unless it is there."""
    if results.exists():
        with results.open(newline="") as file:
            if any(
                row["model"] == name and row["seed"] == str(seed) for row in csv.DictReader(file)
            ):
                return
    replies = answer_photos(
        load_model(str(model), dtype="float32"),
        load_processor(str(model)),
        table,
        max_new_tokens=REPLY_TOKENS,
        batch_size=60,
    )
    figures = {"model": name, "seed": seed, **score_answers(replies, table).row()}
    fresh = not results.exists()
    with results.open("a", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(figures))
        if fresh:
            writer.writeheader()
        writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in figures.items()})
    log.info("%s seed %d: country %.3f", name, seed, figures["country"])
