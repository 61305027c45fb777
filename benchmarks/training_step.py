"""Where a training step goes: counted for 7B from the recipes, measured on a tiny model on a CPU.

    PYTHONPATH=.:kernels:training python -m benchmarks.training_step --out FILE [--measure FILE]

Counted are FLOPs and bytes of one step on one of 8 GPUs (`training_counts.py`), nothing is timed:
answers of 400 tokens, the prompt of the project, photos as the recipe makes them. A pass without
gradients gathers the weights once under ZeRO-3, a pass with gradients twice. `--measure` runs steps
of GRPO on the tiny model and says which part of them each stage took, in CPU seconds.
"""

import argparse
import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from time import process_time
from typing import Any

from geoagent_training.recipe import GrpoRecipe, Recipe, SftRecipe
from geoagent_training.recipe_file import load_recipe

from benchmarks.training_counts import (
    QWEN_7B,
    Group,
    adapter_bytes,
    held_bytes,
    learning_flops,
    sampling_flops,
    scoring_flops,
    zero3_bytes,
)

RECIPES = Path("training/recipes")
PACKAGES = ("torch", "transformers", "trl")
GPUS, ANSWERS, ANSWER_TOKENS, WORDS = 8, 8, 400, 225
PHOTO_TOKENS = {285_043: 363, 200_000: 258}
WAYS = (
    ("sft_geoagent", True), ("sft_geoagent_ddp", False),
    ("grpo_geoagent", True), ("grpo_geoagent_ddp", False),
)  # fmt: skip
"""Recipes, and whether they are launched with ZeRO-3."""


def main() -> None:
    """Print and write what was counted, and what was measured where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--measure", type=Path)
    parser.add_argument("--steps", type=int, default=6)
    given = parser.parse_args()
    write_rows(given.out, [row for name, zero3 in WAYS for row in counted(name, zero3=zero3)])
    if given.measure:
        write_rows(given.measure, measured(given.steps))


def counted(name: str, *, zero3: bool) -> list[dict[str, Any]]:
    """Return the rows of a recipe: as it is, and with shared prompts where they would be."""
    kind = SftRecipe if name.startswith("sft") else GrpoRecipe
    recipe: Recipe = load_recipe(RECIPES / f"{name}.yaml", kind)
    rows = [counted_row(name, recipe, zero3=zero3, shared=False)]
    if isinstance(recipe, GrpoRecipe) and recipe.trainer["per_device_train_batch_size"] > 1:
        rows.append(counted_row(name, recipe, zero3=zero3, shared=True))
    return rows


def counted_row(name: str, recipe: Recipe, *, zero3: bool, shared: bool) -> dict[str, Any]:
    """Return what one step costs one GPU."""
    trainer, rank = recipe.trainer, recipe.lora.r if recipe.lora else 0
    rows, parts = trainer["per_device_train_batch_size"], trainer["gradient_accumulation_steps"]
    group = Group(rows, PHOTO_TOKENS[recipe.max_pixels], WORDS, ANSWER_TOKENS, shared)
    is_grpo = isinstance(recipe, GrpoRecipe)
    scorings = 2 * is_grpo  # of the sampler's and of the frozen model's log-probabilities
    per_generation = trainer.get("steps_per_generation", parts) / parts
    gathers = parts * (2 + scorings) + is_grpo / per_generation  # the sampler gets the weights
    sent = zero3_bytes(QWEN_7B, 1, GPUS) * gathers if zero3 else 0.0
    summed = adapter_bytes(QWEN_7B, rank, GPUS)  # ZeRO scatters sums, in every micro-batch
    tera = 1e12
    sampled = sampling_flops(QWEN_7B, whole_groups(group)) * rows * parts / ANSWERS
    return {
        "recipe": name + (" + share_prefix" if shared else ""),
        "sharding": "ZeRO-3" if zero3 else "DDP",
        "micro_batch": rows,
        "answers_a_step": rows * parts * GPUS,
        "sampled_at_once": int(rows * parts * per_generation) if is_grpo else 0,
        "sample_tflop": round(sampled * is_grpo / tera),
        "score_tflop": round(scoring_flops(QWEN_7B, group, rank) * scorings * parts / tera),
        "learn_tflop": round(learning_flops(QWEN_7B, group, rank) * parts / tera),
        "gathered_gb": round(sent / 1e9, 1),
        "summed_gb": round(summed * (parts / 2 if zero3 else 1) / 1e9, 1),
        "held_gb": round(held_bytes(QWEN_7B, rank, GPUS, zero3=zero3) / 1e9, 1),
    }  # fmt: skip


def whole_groups(group: Group) -> Group:
    """Return the eight answers to a photo, as they are sampled."""
    return Group(ANSWERS, group.photo_tokens, group.words, group.answer_tokens, shared=True)


def measured(steps: int) -> list[dict[str, Any]]:
    """Return the CPU seconds of each stage of GRPO's steps on the tiny model, after the first."""
    from geoagent_training.grpo import run_grpo
    from geoagent_training.miniature.tiny_kit import write_tiny_kit

    from tests.support.tiny_runs import grpo_recipe

    rewards = ["geo_similarity", "well_formed", "answer_format"]
    with tempfile.TemporaryDirectory(prefix="geoagent-step-") as folder, watched_stages() as spent:
        kit = write_tiny_kit(Path(folder) / "kit")
        more = {"max_steps": steps, "per_device_train_batch_size": 8, "num_generations": 8,
                "max_completion_length": 200}  # fmt: skip
        run_grpo(grpo_recipe(kit, Path(folder) / "run", rewards, **more))
    stages = {name: sum(seconds[1:]) / (len(seconds) - 1) for name, seconds in spent.items()}
    whole = stages.pop("step")
    inside = {
        "sampling": stages["sampling"],
        "rewards": stages["rewards"],
        "frozen model": stages["batch"] - stages["sampling"] - stages["rewards"],
        "learning": whole - stages["batch"],
    }
    versions = " ".join(f"{one} {metadata.version(one)}" for one in PACKAGES)
    date = datetime.now(UTC).date().isoformat()
    return [
        {"stage": name, "cpu_seconds": f"{seconds:.4f}", "share": f"{seconds / whole:.3f}",
         "versions": versions, "date": date}
        for name, seconds in inside.items()
    ]  # fmt: skip


@contextmanager
def watched_stages() -> Iterator[dict[str, list[float]]]:
    """Return lists that fill with the CPU seconds of each stage of each step."""
    from geoagent_training.trainers.place_trainer import PlaceTrainer

    names = {
        "step": "training_step", "batch": "_generate_and_score_completions",
        "sampling": "_generate", "rewards": "_calculate_rewards",
    }  # fmt: skip
    spent: dict[str, list[float]] = {stage: [] for stage in names}

    def watch(stage: str, method: str) -> Any:
        real = getattr(PlaceTrainer, method)

        def timed(*given: Any, **named: Any) -> Any:
            before = process_time()
            try:
                return real(*given, **named)
            finally:
                spent[stage].append(process_time() - before)

        return timed

    class_own = {method: PlaceTrainer.__dict__.get(method) for method in names.values()}
    for stage, method in names.items():
        setattr(PlaceTrainer, method, watch(stage, method))
    try:
        yield spent
    finally:
        for method, own in class_own.items():
            if own is None:
                delattr(PlaceTrainer, method)
            else:
                setattr(PlaceTrainer, method, own)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Print rows and write them as CSV."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for row in rows:
        print(*row.values(), sep="  ")


if __name__ == "__main__":
    main()
