"""How noisy a GRPO gradient of the miniature is, and who pulls at it; no weight is changed.

    python training/bench/miniature_gradient.py runs/miniature/seed0/sft --batches 8

Prints one row for scenes drawn at random and one for scenes with every city once in a batch, each
for advantages as they are ("none") and scaled to unit variance in their group ("group"):

* cosine: between the gradients of two batches; 1 is no noise, 0 nothing but noise;
* cosine_with_consistency: of the mean gradient with that of the consistency reward alone;
* hopeless: share of groups without any right place; hopeless_std: the mean spread of reward there.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import torch
from geoagent_training.data.tables import photo_table
from geoagent_training.miniature.chains import SYSTEM, RuleJudge
from geoagent_training.miniature.data import write_scenes
from geoagent_training.miniature.stages import FULL, REWARD_SETTINGS, VARIANTS, Scale, grpo_recipe
from geoagent_training.models.adapters import adapter_config, freeze_vision
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.rewards.reward_list import reward_functions
from geoagent_training.rewards.reward_tools import RewardTools, use_tools
from geoagent_training.trainers.arguments import trainer_arguments
from geoagent_training.trainers.place_trainer import PlaceTrainer
from torch.nn.functional import cosine_similarity
from trl import GRPOConfig

_NAMES: Final = [choice.function for choice in VARIANTS[FULL]]
_WEIGHTS: Final = torch.tensor([choice.weight for choice in VARIANTS[FULL]])
_NEAR: Final = 0.5
"""Spatial reward from which an answer is in the right place: 139 km."""


class Probe(PlaceTrainer):
    """Samples and scores as the trainer does; keeps rewards and gradients instead of learning."""

    def start(self) -> None:
        """Forget what was kept."""
        self.rewards: list[torch.Tensor] = []
        self.gradients: dict[str, list[torch.Tensor]] = {"none": [], "group": [], "consistency": []}

    def _calculate_rewards(self, *args: Any) -> Any:
        self.rewards.append(super()._calculate_rewards(*args))
        return self.rewards[-1]

    def measure(self, rows: list[dict[str, Any]]) -> None:
        """Sample answers to the rows, a group for each, and keep the gradients of the batch."""
        self.model.train()
        group = self.num_generations
        batch = self._generate_and_score_completions([row for row in rows for _ in range(group)])
        wanted = ("pixel_values", "image_grid_thw", "mm_token_type_ids", "num_images")
        logps, _, _ = self._get_per_token_logps_and_entropies(
            self.model,
            torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1),
            torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1),
            batch["completion_ids"].shape[1],
            **{name: batch[name] for name in wanted if name in batch},
        )
        chosen = (logps * batch["completion_mask"]).sum(dim=1)
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        for name, advantages in _advantages_by_scale(self.rewards[-1], group).items():
            parts = torch.autograd.grad(-(advantages * chosen).mean(), weights, retain_graph=True)
            self.gradients[name].append(torch.cat([part.flatten() for part in parts]))


def _advantages_by_scale(rewards: torch.Tensor, group: int) -> dict[str, torch.Tensor]:
    total = (rewards * _WEIGHTS).sum(dim=1).view(-1, group)
    centred = total - total.mean(dim=1, keepdim=True)
    alone = rewards[:, _NAMES.index("consistency")].view(-1, group)
    return {
        "none": centred.flatten(),
        "group": (centred / (total.std(dim=1, keepdim=True) + 1e-4)).flatten(),
        "consistency": (alone - alone.mean(dim=1, keepdim=True)).flatten(),
    }


def build_probe(model_folder: Path, rows: Path, output: Path) -> Probe:
    """Return a trainer of the miniature's settings for a model and scenes."""
    recipe = grpo_recipe(model_folder, rows, output, 0, Scale(), VARIANTS[FULL])
    functions, weights = reward_functions(recipe.rewards)
    fixed = {"reward_weights": weights, "use_cpu": True, "report_to": "none"}
    use_tools(RewardTools(REWARD_SETTINGS, given_judge=RuleJudge()))
    model = load_model(str(model_folder), dtype="float32")
    freeze_vision(model, recipe)
    trainer = Probe(
        model=model,
        reward_funcs=[*functions],
        args=trainer_arguments(GRPOConfig, recipe.trainer, fixed),
        train_dataset=photo_table(rows, "geoagent", system=SYSTEM, check_images=False),
        processing_class=load_processor(str(model_folder)),
        peft_config=adapter_config(recipe),
    )
    trainer.recipe = recipe.model_copy(update={"sample_completions": 0})
    trainer.start()
    return trainer


def figures(probe: Probe, scenes: str) -> list[dict[str, Any]]:
    """Return one row per way of scaling."""
    means = {name: torch.stack(parts).mean(dim=0) for name, parts in probe.gradients.items()}
    groups = torch.cat(probe.rewards).view(-1, probe.num_generations, len(_NAMES))
    hopeless = groups[:, :, _NAMES.index("spatial")].max(dim=1).values < _NEAR
    spread = (groups * _WEIGHTS).sum(dim=2).std(dim=1)
    shared = {
        "scenes": scenes,
        "completions_per_batch": len(groups) * probe.num_generations // len(probe.rewards),
        "batches": len(probe.rewards),
        "hopeless": float(hopeless.float().mean()),
        "hopeless_std": float(spread[hopeless].mean()),
        "other_std": float(spread[~hopeless].mean()),
    }
    rows = []
    for name in ("none", "group"):
        units = torch.stack([one / one.norm() for one in probe.gradients[name]])
        count = len(units)
        cosine = float(((units @ units.T).sum() - count) / (count * (count - 1)))
        pull = float(cosine_similarity(means[name], means["consistency"], dim=0))
        row = {**shared, "scale_rewards": name, "cosine": cosine, "cosine_with_consistency": pull}
        rows.append({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()})
    return rows


def main() -> None:
    """Measure and print CSV."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--batches", type=int, default=8)
    parser.add_argument("--prompts", type=int, default=24)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for balanced in (False, True):
        with tempfile.TemporaryDirectory() as home:
            path = write_scenes(
                Path(home), given.batches * given.prompts, 777, chains=False, balanced=balanced
            )
            probe = build_probe(given.model, path, Path(home) / "run")
            scenes = [*probe.train_dataset]
            torch.manual_seed(0)
            for start in range(0, len(scenes), given.prompts):
                probe.measure(scenes[start : start + given.prompts])
            rows += figures(probe, "balanced" if balanced else "random")
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)


if __name__ == "__main__":
    main()
