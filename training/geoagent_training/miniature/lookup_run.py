"""Trains the miniature with tools: the same scenes with `zoom` and `verify`, and without.

    geoagent-train miniature runs/lookup --variants "with tools" --variants "without tools"

One base model for both: it names what it sees, reads signs close up, and copies places out of what
a look-up says; it has never been told where a town lies. Each seed then fine-tunes it on a few
conversations and goes on with GRPO, once with tools and once without, on the same scenes and with
the same rewards. What is done is skipped the next time.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from datasets import Dataset
from trl import SFTConfig

from geoagent_graph.testing.tiny_model import TinySize, build_tiny_model
from geoagent_training.data.chat_rows import ConversationCollator
from geoagent_training.data.tables import photo_table
from geoagent_training.errors import ConfigError
from geoagent_training.evaluation import answer_photos, score_answers
from geoagent_training.grpo import run_grpo
from geoagent_training.miniature.chains import SYSTEM
from geoagent_training.miniature.lookup_answers import answer_with_tools
from geoagent_training.miniature.lookup_data import (
    lesson_table,
    practice_rows,
    practice_table,
    write_sign_scenes,
)
from geoagent_training.miniature.lookup_scenes import HELD_BACK, TAUGHT
from geoagent_training.miniature.lookup_words import vocabulary
from geoagent_training.miniature.results import add_row, is_measured
from geoagent_training.miniature.stages import train_once
from geoagent_training.models.adapters import lora_config
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.rollouts.tool_format import speak_in_actions
from geoagent_training.sft import ChainTrainer

log = logging.getLogger(__name__)

WITH: Final = "with tools"
WITHOUT: Final = "without tools"
LOOKUP_VARIANTS: Final = (WITH, WITHOUT)
SIZE: Final = TinySize(hidden=96, layers=3, vision_hidden=48, vision_layers=2)
REPLY_TOKENS: Final = 72
_REWARDS: Final = (
    RewardChoice(function="spatial", weight=1.5),
    RewardChoice(function="semantic", weight=1.0),
    RewardChoice(function="well_formed", weight=1.0),
)
_GROUPS: Final = {"towns taught": TAUGHT, "towns held back": HELD_BACK}


@dataclass(frozen=True, slots=True)
class LookupScale:
    """How much is drawn and trained."""

    captions: int = 1500
    signs: int = 4000
    copies: int = 3000
    base_epochs: float = 2
    sft_scenes: int = 120
    sft_epochs: float = 10
    grpo_steps: int = 12
    prompts_per_step: int = 12
    generations: int = 8
    unseen_scenes: int = 240
    device: str = "cpu"


def lookup_variants(variants: Sequence[str]) -> bool:
    """Return whether variants are those of the miniature with tools.

    Raises:
        ConfigError: some are, and some are the paper's: they have other scenes and base models.
    """
    ours = [variant for variant in variants if variant in LOOKUP_VARIANTS]
    if ours and len(ours) < len(variants):
        raise ConfigError(
            f"--variants: {' and '.join(LOOKUP_VARIANTS)} have scenes and a base model of their "
            "own: run them in a folder of their own, without the others"
        )
    return bool(ours)


def run_lookup(
    folder: Path,
    seeds: Iterable[int] = range(3),
    variants: Sequence[str] = LOOKUP_VARIANTS,
    scale: LookupScale | None = None,
) -> Path:
    """Train what is missing under `folder` and return the CSV of the results.

    Args:
        folder: holds everything; a run that was stopped goes on from there.
        seeds: of SFT and GRPO; the base model is the same for all.
        variants: of `LOOKUP_VARIANTS`.
        scale: how much is drawn and trained.
    """
    scale = scale or LookupScale()
    results = folder / "results.csv"
    use_tools(RewardTools(RewardSettings()))
    unseen = {
        group: photo_table(
            write_sign_scenes(
                folder / group.replace(" ", "_"), scale.unseen_scenes // 2, 999, towns
            ),
            "geoagent",
            system=SYSTEM,
            check_images=False,
        )
        for group, towns in _GROUPS.items()
    }
    base = train_once(folder / "base", lambda: _train_base(folder, scale))
    for seed in seeds:
        for variant in variants:
            tuned = _teach_variant(folder, base, variant, seed, scale)
            _measure_groups(results, f"SFT {variant}", seed, tuned, unseen, variant)
            trained = _train_rewards(folder, tuned, variant, seed, scale)
            use_tools(RewardTools(RewardSettings()))
            _measure_groups(results, f"GRPO {variant}", seed, trained, unseen, variant)
    return results


def _train_base(folder: Path, scale: LookupScale) -> Path:
    rows = list(practice_rows(scale.captions, scale.signs, scale.copies, seed=1))
    empty = build_tiny_model(folder / "random", vocabulary(), size=SIZE)
    args = {"num_train_epochs": scale.base_epochs, "learning_rate": 2e-3, "warmup_steps": 0.05}
    batch = {"per_device_train_batch_size": 32, "train_sampling_strategy": "group_by_length"}
    return _fine_tune(empty, practice_table(rows), folder / "practice", args | batch, None, scale)


def _teach_variant(folder: Path, base: Path, variant: str, seed: int, scale: LookupScale) -> Path:
    home = folder / f"seed{seed}"
    name = f"SFT {variant}".replace(" ", "_")

    def train() -> Path:
        table = lesson_table(scale.sft_scenes, 100 + seed, tools=variant == WITH)
        args = {"num_train_epochs": scale.sft_epochs, "learning_rate": 3e-3, "warmup_steps": 0.1}
        batch = {"per_device_train_batch_size": 16, "seed": seed}
        return _fine_tune(base, table, home / f"{name}_run", args | batch, _lora(), scale)

    return train_once(home / name, train)


def _train_rewards(folder: Path, tuned: Path, variant: str, seed: int, scale: LookupScale) -> Path:
    home = folder / f"seed{seed}"
    name = f"GRPO {variant}".replace(" ", "_")

    def train() -> Path:
        count = scale.grpo_steps * scale.prompts_per_step
        rows = write_sign_scenes(home / "places", count, 500 + seed, TAUGHT)
        return run_grpo(
            _reward_recipe(tuned, rows, home / f"{name}_run", variant, seed, scale), resume=True
        )

    return train_once(home / name, train)


def _lora() -> LoraChoice:
    return LoraChoice(r=32, alpha=64)


def _reward_recipe(
    tuned: Path, rows: Path, output: Path, variant: str, seed: int, scale: LookupScale
) -> GrpoRecipe:
    """Return the second stage: both variants differ in `rollouts` and the room for results."""
    tools = variant == WITH
    more = {"max_tool_calling_iterations": 2} if tools else {}
    return GrpoRecipe(
        model=str(tuned),
        data=DataChoice(path=rows, check_images=False),
        device=scale.device,
        system_prompt=SYSTEM,
        rollouts="environment" if tools else "single",
        lora=_lora(),
        rewards=_REWARDS,
        trainer={
            "output_dir": str(output),
            "max_steps": scale.grpo_steps,
            "per_device_train_batch_size": 48,
            "gradient_accumulation_steps": scale.prompts_per_step * scale.generations // 48,
            "num_generations": scale.generations,
            "shuffle_dataset": False,
            "max_completion_length": 4 * REPLY_TOKENS if tools else REPLY_TOKENS,
            "temperature": 0.7,
            "learning_rate": 1e-3,
            "warmup_steps": 3,
            "lr_scheduler_type": "linear",
            "scale_rewards": "none",
            "beta": 0.0,
            "save_steps": 6,
            "seed": seed,
            "bf16": False,
            "gradient_checkpointing": False,
            **more,
        },
    )


def _fine_tune(
    start: Path,
    table: Dataset,
    output: Path,
    arguments: dict[str, Any],
    lora: LoraChoice | None,
    scale: LookupScale,
) -> Path:
    processor = load_processor(str(start))
    template = processor.chat_template
    speak_in_actions(processor)
    args = SFTConfig(
        output_dir=str(output),
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
        **arguments,
    )
    trainer = ChainTrainer(
        model=load_model(str(start), dtype="float32"),
        args=args,
        train_dataset=table,
        processing_class=processor,
        data_collator=ConversationCollator(processor),
        peft_config=None if lora is None else lora_config(lora),
    )
    trainer.train()
    trainer.save_model(str(output / "final"))
    processor.chat_template = template
    processor.save_pretrained(output / "final")
    return output / "final"


def _measure_groups(
    results: Path, name: str, seed: int, model: Path, unseen: dict[str, Dataset], variant: str
) -> None:
    """Add the rows of a model, one for each group of towns, unless they are there."""
    for group, table in unseen.items():
        row = f"{name}, {group}"
        if is_measured(results, row, seed):
            continue
        replies, calls = _answers_of(model, table, variant)
        figures = score_answers(replies, table).row()
        add_row(results, {"model": row, "seed": seed, **figures, "calls": calls})
        log.info("miniature: %s, seed %d: country %.1f %%", row, seed, 100 * figures["country"])


def _answers_of(model: Path, table: Dataset, variant: str) -> tuple[list[str], float]:
    """Return the replies, and how many tools were used for a photo."""
    loaded, processor = load_model(str(model), dtype="float32"), load_processor(str(model))
    if variant == WITHOUT:
        return answer_photos(
            loaded, processor, table, max_new_tokens=REPLY_TOKENS, batch_size=60
        ), 0.0
    talks = answer_with_tools(loaded, processor, table, max_new_tokens=REPLY_TOKENS)
    calls = sum(len(talk.called) for talk in talks) / len(talks)
    return [talk.reply for talk in talks], calls
