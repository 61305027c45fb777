"""Trains the miniature and redraws the paper's table.

    geoagent-train miniature runs/miniature --seeds 3

One base model for all: it has learned to name what it sees and which city lies where, and nothing
of what a clue stands for. Each seed then fine-tunes it on a few chains of thought and goes on with
GRPO on other scenes, once with all rewards and once without each of three. Everything that is done
is skipped the next time, so a run that was stopped goes on where it was.
"""

import difflib
import logging
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from datasets import Dataset

from geoagent_training.data.chat_rows import chain_text
from geoagent_training.data.tables import photo_table
from geoagent_training.errors import ConfigError
from geoagent_training.evaluation import answer_photos, batch_of, score_answers
from geoagent_training.miniature.chains import SYSTEM, RuleJudge, write_chain
from geoagent_training.miniature.data import write_scenes
from geoagent_training.miniature.results import BASE, RULES, SFT, add_row, is_measured
from geoagent_training.miniature.scenes import draw_scene
from geoagent_training.miniature.stages import (
    REPLY_TOKENS,
    REWARD_SETTINGS,
    VARIANTS,
    Scale,
    train_base,
    train_grpo,
    train_sft,
)
from geoagent_training.miniature.world import LANDS, Clues, best_city, best_land
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.predictions import write_predictions, write_truth
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

log = logging.getLogger(__name__)


def run_miniature(
    folder: Path,
    seeds: Iterable[int] = range(3),
    variants: Sequence[str] = tuple(VARIANTS),
    scale: Scale | None = None,
) -> Path:
    """Train what is missing under `folder` and return the CSV of the results.

    Every model's answers are in `predictions/`, for `geoagent-eval score`.

    Args:
        folder: holds everything; a run that was stopped goes on from there.
        seeds: of SFT and GRPO; the base model is the same for all.
        variants: which GRPO runs, by their names in the table.
        scale: how much is drawn and trained.

    Raises:
        ConfigError: there is no such variant.
    """
    _check_variants(variants)
    scale, seeds = scale or Scale(), [*seeds]
    unseen = write_scenes(folder / "unseen", scale.unseen_scenes, scale.unseen_seed, chains=False)
    table = photo_table(unseen, "geoagent", system=SYSTEM, check_images=False)
    results = folder / "results.csv"
    use_tools(RewardTools(REWARD_SETTINGS, given_judge=RuleJudge()))
    if not is_measured(results, RULES, 0):
        _add_result(results, RULES, 0, rule_answers(scale), table)
    base = train_base(folder, scale)
    _measure_model(results, BASE, 0, base, table)
    for seed in seeds:
        tuned = train_sft(folder, base, seed, scale)
        _measure_model(results, SFT, seed, tuned, table)
    # every seed of one variant before the next: a run that is cut short has whole rows
    for variant in variants:
        for seed in seeds:
            log.info("miniature: %s, seed %d", variant, seed)
            model = train_grpo(folder, folder / f"seed{seed}" / "sft", variant, seed, scale)
            use_tools(RewardTools(REWARD_SETTINGS, given_judge=RuleJudge()))
            _measure_model(results, variant, seed, model, table)
    return results


def rule_answers(scale: Scale) -> list[str]:
    """Return what the rules of the world conclude from the clues drawn in the unseen scenes."""
    chooser = random.Random(scale.unseen_seed)  # noqa: S311
    return [_rule_answer(draw_scene(chooser).clues) for _ in range(scale.unseen_scenes)]


def _rule_answer(clues: Clues) -> str:
    land = best_land(clues) or LANDS[0]
    city = best_city(land, clues) or land.cities[0]
    return chain_text(write_chain(clues, land, city), "think_answer")


def _check_variants(variants: Sequence[str]) -> None:
    for variant in variants:
        if variant not in VARIANTS:
            near = difflib.get_close_matches(variant, VARIANTS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ConfigError(
                f"there is no variant {variant!r} of the miniature{hint} "
                f"(known: {', '.join(VARIANTS)})"
            )


def _measure_model(results: Path, name: str, seed: int, model: Path, table: Dataset) -> None:
    """Add the row of a model, unless it is there."""
    if is_measured(results, name, seed):
        return
    replies = answer_photos(
        load_model(str(model), dtype="float32"),
        load_processor(str(model)),
        table,
        max_new_tokens=REPLY_TOKENS,
        batch_size=120,
    )
    _add_result(results, name, seed, replies, table)


def _add_result(results: Path, name: str, seed: int, replies: list[str], table: Dataset) -> None:
    figures = score_answers(replies, table).row()
    answered = results.parent / "predictions"
    batch = batch_of(replies, table)
    write_predictions(answered / f"{name.replace(' ', '_')}_seed{seed}.jsonl", batch, table)
    write_truth(answered / "truth.jsonl", batch, table)
    add_row(results, {"model": name, "seed": seed, **figures})
    log.info(
        "miniature: %s, seed %d: country %.1f %%, GeoScore %.0f",
        name,
        seed,
        100 * figures["country"],
        figures["geoscore_geoagent"],
    )
