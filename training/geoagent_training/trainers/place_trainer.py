"""TRL's GRPO trainer as this project runs it: guarded, watched, with weights that may move."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import torch
from trl import GRPOTrainer

from geoagent_training.data.tables import json_line
from geoagent_training.errors import ServiceError, TrainingStopped
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rewards.completions import text_of
from geoagent_training.rewards.reward_weights import WeightSchedule, last_weight, weight_at
from geoagent_training.trainers.checkpoints import RandomState, WholeCheckpoints
from geoagent_training.trainers.completion_pictures import is_time_for_pictures, send_pictures
from geoagent_training.trainers.reward_spread import RewardSpread
from geoagent_training.trainers.shared_faults import HeldFaults
from geoagent_training.trainers.shared_prefix import SharedPrefix
from geoagent_training.trainers.spread_groups import SpreadGroups

log = logging.getLogger(__name__)


class PlaceTrainer(WholeCheckpoints, SpreadGroups, SharedPrefix, GRPOTrainer):  # type: ignore[misc]
    """TRL's trainer that stops on a sampler gone astray and keeps sample completions."""

    recipe: GrpoRecipe
    reward_funcs: list[Any]
    spread: RewardSpread | None = None
    faults: HeldFaults | None = None
    """Set where several processes train: a fault of one must not leave the others waiting."""

    def share_faults(self) -> None:
        """Make every process end with what went wrong in one; nothing to do for one process."""
        if self.accelerator.num_processes > 1:
            self.faults = HeldFaults()
            self.reward_funcs = [
                one if isinstance(one, torch.nn.Module) else self.faults.hold(one)
                for one in self.reward_funcs
            ]

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        self.before_batch = RandomState.now()
        outputs = super()._generate_and_score_completions(inputs)
        name = "sampling/sampling_logp_difference/mean"
        measured = self._metrics["train"].get(name)
        limit = self.recipe.most_sampling_difference
        # not "> limit": NaN must stop the run too
        if measured and not measured[-1] <= limit:
            raise TrainingStopped(
                f"sampler and trainer disagree by {measured[-1]:.3f} in mean log-probability "
                f"(limit {limit}): the run would learn from text the model did not write. Check "
                "vllm.collapse_image_tokens, or use vllm.mode: server."
            )
        return outputs

    def _tokenize_prompts(self, prompts: Any) -> Any:
        """Return TRL's ids, photos and pixels, with pixels as tensors.

        Image processors without torchvision give arrays, which TRL's loop over tools cannot split.
        """
        ids, images, fields = super()._tokenize_prompts(prompts)
        return ids, images, {name: _as_tensor(values) for name, values in fields.items()}

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Any, *arguments: Any, **options: Any
    ) -> Any:
        """Return TRL's log-probabilities, kinds of tokens laid under the tokens they belong to.

        TRL renders a prompt that has its first token and lets the tokenizer put another before it:
        with Gemma the kinds came out one longer than the tokens, and pictures one place too late.
        """
        kinds = options.get("token_type_ids")
        if kinds is not None:
            options["token_type_ids"] = kinds[:, -input_ids.shape[1] :]
        return super()._get_per_token_logps_and_entropies(model, input_ids, *arguments, **options)

    def score_answers(self, inputs: Any, prompts: Any, completions: Any, ids: Any) -> Any:
        """Return the rewards of all processes' answers, [answers, rewards], checked."""
        self._set_weights()
        rewards = super()._calculate_rewards(inputs, prompts, completions, ids)
        if self.faults is not None:
            self.faults.raise_together()
        self._check_models(rewards)
        return rewards

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any
    ) -> Any:
        if "trajectory" in inputs[0]:  # a run of the graph: TRL's own text has no turns in it
            completions = [row["trajectory"] for row in inputs]
        known = self.known_rewards()
        rewards = (
            self.score_answers(inputs, prompts, completions, completion_ids_list)
            if known is None
            else known
        )
        if self.accelerator.is_main_process:
            if self.model.training:
                self._warn_of_flat_rewards(rewards)
            if self.recipe.sample_completions:
                self._write_samples(inputs, completions, rewards)
        return rewards

    def _set_weights(self) -> None:
        """Set the weights of this step; evaluations are compared, so they have the last ones."""
        training, step = self.model.training, self.state.global_step
        for column, choice in enumerate(self.recipe.rewards):
            weight = weight_at(choice.weight, step) if training else last_weight(choice.weight)
            self.reward_weights[column] = weight
            if training and isinstance(choice.weight, WeightSchedule):
                self._metrics["train"][f"reward_weights/{choice.name}"].append(weight)

    def _warn_of_flat_rewards(self, rewards: Any) -> None:
        if self.spread is None:
            self.spread = RewardSpread(self.num_generations, self.recipe.flat_batches)
        values = rewards.detach().double().cpu().numpy()
        for warning in self.spread.count_batch(self.reward_func_names, values):
            log.warning("%s", warning)

    def _check_models(self, rewards: Any) -> None:
        """Refuse NaN of a reward model: it would silently mean "does not apply"."""
        for column, reward in enumerate(self.reward_funcs):
            if isinstance(reward, torch.nn.Module) and not rewards[:, column].isfinite().all():
                name = self.reward_func_names[column]
                raise ServiceError(f"the reward model {name} returned a number that is not finite")

    def _write_samples(self, inputs: Any, completions: Any, rewards: Any) -> None:
        """Append some completions with their rewards; TRL's own table fails on tool pictures."""
        if self.state.global_step % max(1, int(self.args.logging_steps)):
            return
        count = min(self.recipe.sample_completions, len(completions))
        first = self.accelerator.process_index * len(completions)
        samples = [
            self._sample(inputs[row], completions[row], rewards[first + row].tolist())
            for row in range(count)
        ]
        with (Path(self.args.output_dir) / "completions.jsonl").open("a") as file:
            file.writelines(json_line(sample) for sample in samples)
        if self.model.training and is_time_for_pictures(self.state):
            shown = [row for row in range(count) if inputs[row].get("image") is not None]
            shown = shown[: self.recipe.sample_pictures]
            send_pictures(
                self, [samples[row] for row in shown], [inputs[row]["image"] for row in shown]
            )

    def _sample(self, row: Any, completion: Any, values: list[float]) -> dict[str, Any]:
        names = self.reward_func_names
        scored = zip(names, values, strict=True)
        sample = {
            "step": self.state.global_step,
            "row_id": row.get("row_id", ""),
            "rewards": {name: None if value != value else value for name, value in scored},
            "completion": text_of(completion),
        }
        return sample | ({"turns": completion} if "trajectory" in row else {})


def _as_tensor(values: Any) -> Any:
    """Return an array, or a list of arrays, as a tensor; anything else as it is."""
    if isinstance(values, list) and values and isinstance(values[0], np.ndarray):
        values = np.stack(values)
    return torch.from_numpy(values) if isinstance(values, np.ndarray) else values
