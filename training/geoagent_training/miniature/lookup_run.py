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
from typing import Final

from datasets import Dataset

from geoagent_graph.testing.tiny_model import TinySize, build_tiny_model
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
from geoagent_training.miniature.scenes import SIDE_PX
from geoagent_training.miniature.stages import train_once
from geoagent_training.miniature.trainer_settings import fine_tune, reward_settings_of
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.recipe import DataChoice, GrpoRecipe, LoraChoice
from geoagent_training.rewards.completions import parse_completions
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

log = logging.getLogger(__name__)

WITH: Final = "with tools"
WITHOUT: Final = "without tools"
LOOKUP_VARIANTS: Final = (WITH, WITHOUT)
SIZE: Final = TinySize(hidden=96, layers=3, vision_hidden=48, vision_layers=2, spread=0.1)
REPLY_TOKENS: Final = 72
_REWARDS: Final = (
    RewardChoice(function="spatial", weight=1.5),
    RewardChoice(function="semantic", weight=1.0),
    RewardChoice(function="well_formed", weight=1.0),
)
_LORA: Final = LoraChoice(r=32, alpha=64)
_GROUPS: Final = {"towns taught": TAUGHT, "towns held back": HELD_BACK}


@dataclass(frozen=True, slots=True)
class LookupScale:
    """How much is drawn and trained."""

    captions: int = 5000
    signs: int = 6000
    calls: int = 1000
    copies: int = 5000
    base_epochs: float = 2
    lessons: int = 60
    sft_epochs: float = 4
    sft_learning_rate: float = 2e-3
    rehearsals: int = 120
    grpo_steps: int = 16
    grpo_learning_rate: float = 2e-3
    prompts_per_step: int = 24
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
    rows = practice_rows(scale.captions, scale.signs, scale.calls, scale.copies, seed=1)
    return fine_tune(
        build_tiny_model(folder / "random", vocabulary(), size=SIZE),
        practice_table(rows),
        folder / "practice",
        {
            "num_train_epochs": scale.base_epochs,
            "per_device_train_batch_size": 32,
            "learning_rate": 2e-3,
            "warmup_steps": 0.05,
        },
        device=scale.device,
        actions=True,
    )


def _teach_variant(folder: Path, base: Path, variant: str, seed: int, scale: LookupScale) -> Path:
    home = folder / f"seed{seed}"
    name = f"SFT {variant}".replace(" ", "_")

    def train() -> Path:
        return fine_tune(
            base,
            lesson_table(scale.lessons, scale.rehearsals, 100 + seed, tools=variant == WITH),
            home / f"{name}_run",
            {
                "num_train_epochs": scale.sft_epochs,
                "per_device_train_batch_size": 16,
                "learning_rate": scale.sft_learning_rate,
                "warmup_steps": 0.1,
                "seed": seed,
            },
            device=scale.device,
            lora=_LORA,
            actions=True,
        )

    return train_once(home / name, train)


def _train_rewards(folder: Path, tuned: Path, variant: str, seed: int, scale: LookupScale) -> Path:
    home = folder / f"seed{seed}"
    name = f"GRPO {variant}".replace(" ", "_")

    def train() -> Path:
        count = scale.grpo_steps * scale.prompts_per_step
        rows = write_sign_scenes(home / "places", count, 500 + seed, TAUGHT)
        return run_grpo(
            reward_recipe(tuned, rows, home / f"{name}_run", variant, seed, scale), resume=True
        )

    return train_once(home / name, train)


def reward_recipe(
    tuned: Path, rows: Path, output: Path, variant: str, seed: int, scale: LookupScale
) -> GrpoRecipe:
    """Return the second stage: both variants differ in `rollouts` and the room for results."""
    tools = variant == WITH
    more = {"max_tool_calling_iterations": 2} if tools else {}
    return GrpoRecipe(
        model=str(tuned),
        data=DataChoice(path=rows, check_images=False),
        device=scale.device,
        max_pixels=SIDE_PX * SIDE_PX,
        system_prompt=SYSTEM,
        rollouts="environment" if tools else "single",
        lora=_LORA,
        rewards=_REWARDS,
        trainer={
            **reward_settings_of(
                output,
                seed,
                steps=scale.grpo_steps,
                prompts=scale.prompts_per_step,
                generations=scale.generations,
                batch=48,
            ),
            "max_completion_length": 4 * REPLY_TOKENS if tools else REPLY_TOKENS,
            "learning_rate": scale.grpo_learning_rate,
            "warmup_steps": 3,
            "save_steps": 6,
            **more,
        },
    )


def _measure_groups(
    results: Path, name: str, seed: int, model: Path, unseen: dict[str, Dataset], variant: str
) -> None:
    """Add the rows of a model, one for each group of towns, unless they are there."""
    for group, table in unseen.items():
        row = f"{name}, {group}"
        if is_measured(results, row, seed):
            continue
        replies, calls = _answers_of(model, table, variant)
        # a thought here is a line of words, no JSON of stages
        parsed = sum(one.well_formed for one in parse_completions(replies)) / len(replies)
        figures = score_answers(replies, table).row() | {"parsed": parsed}
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
