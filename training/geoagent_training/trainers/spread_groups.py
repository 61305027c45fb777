"""Groups whose answers all earn the same: replaced, since GRPO learns nothing from them.

DAPO (arXiv 2503.14476) calls it dynamic sampling. New photos are asked in place of the flat groups,
a bounded number of times; what is still flat gives its place to copies of groups that are not, so
that the loss is a mean over answers that teach something, whatever its form. Groups are counted
over all processes and move between them whole: several processes replace what one would.
"""

from typing import Any

import numpy as np
import torch

from geoagent_training.errors import ConfigError
from geoagent_training.trainers.group_batches import GroupBatch, move_groups
from geoagent_training.trainers.reward_spread import flat_groups

# what TRL's _generate returns for each answer, by its place; the rest belongs to tools
_PER_ANSWER = {0: "prompt_ids", 1: "completion_ids", 3: "completions", 4: "logprobs", 6: "images"}


class SpreadGroups:
    """Mixed into TRL's trainer between its sampling and its loss."""

    args: Any
    accelerator: Any
    state: Any
    model: Any
    num_generations: int
    reward_weights: Any
    train_dataset: Any
    _metrics: Any
    _pending_extra_logs: Any

    replaces_flat_groups: bool = False
    resample_tries: int = 0
    """How often new photos are asked in place of flat groups; 0 copies others at once."""

    _asked: list[Any] | None = None
    _scored: Any = None

    def replace_flat_groups(self, resample_tries: int) -> None:
        """Replace flat groups from now on.

        Raises:
            ConfigError: the answers to one photo are spread over processes.
        """
        answers = self.args.per_device_train_batch_size * self.args.steps_per_generation
        if answers % self.num_generations:
            raise ConfigError(
                f"flat_groups: every process must hold whole groups, but it holds {answers} "
                f"answers in groups of {self.num_generations}: make "
                "trainer.per_device_train_batch_size x gradient_accumulation_steps a multiple"
            )
        self.replaces_flat_groups, self.resample_tries = True, resample_tries

    def score_answers(self, inputs: Any, prompts: Any, completions: Any, ids: Any) -> Any:
        """Return the rewards of all processes' answers, [answers, rewards]."""
        raise NotImplementedError

    def known_rewards(self) -> Any:
        """Return the rewards of the batch that is being put together; None if not yet scored."""
        return self._scored

    def _generate_and_score_completions(self, inputs: Any) -> Any:
        self._asked = inputs
        try:
            return super()._generate_and_score_completions(inputs)  # type: ignore[misc]
        finally:
            self._asked = self._scored = None

    def _generate(self, prompts: list[Any]) -> Any:
        made = super()._generate(prompts)  # type: ignore[misc]
        if not (self.replaces_flat_groups and self.model.training):
            return made
        assert self._asked is not None
        batch = self._group_batch(self._asked, prompts, made)
        first = self._flat(batch)
        for number in range(self.resample_tries):
            flat = self._flat(batch)
            if not flat:
                break
            new = self._new_batch(len(flat), number)
            useful = sorted({*range(len(flat))} - {*self._flat(new)})
            move_groups(self.accelerator, batch, new, [*zip(flat, useful, strict=False)])
        left = self._flat(batch)
        useful = sorted({*range(batch.count)} - {*left})
        copies = [
            (group, useful[n % len(useful)]) for n, group in enumerate(left if useful else [])
        ]
        move_groups(self.accelerator, batch, batch, copies)
        self._scored = batch.rewards
        self._pending_extra_logs.clear()  # they are of answers that are gone
        self._metrics["train"]["groups/flat"].append(len(first) / batch.count)
        self._metrics["train"]["groups/flat_after_resampling"].append(len(left) / batch.count)
        return made

    def _flat(self, batch: GroupBatch) -> list[int]:
        """Return the numbers of the groups without spread in the weighted sum, of all processes."""
        weights = self.reward_weights.to(batch.rewards.device)
        totals = (batch.rewards * weights).nansum(dim=1)
        totals[batch.rewards.isnan().all(dim=1)] = torch.nan
        values = totals.double().cpu().numpy().reshape(-1, self.num_generations)
        return [int(group) for group in np.flatnonzero(flat_groups(values))]

    def _group_batch(self, inputs: list[Any], prompts: list[Any], made: Any) -> GroupBatch:
        columns = {"inputs": inputs, "prompts": prompts}
        columns |= {name: made[place] for place, name in _PER_ANSWER.items() if made[place]}
        rewards = self.score_answers(inputs, prompts, made[3], made[1]).clone()
        return GroupBatch(columns, rewards, self.num_generations)

    def _new_batch(self, groups: int, number: int) -> GroupBatch:
        """Return answers to photos drawn at random; the draw follows from seed, step and try.

        Every process asks as many: some of the last ones may be more than are wanted.
        """
        from trl.data_utils import prepare_multimodal_messages

        own = -(-groups // self.accelerator.num_processes)
        first = self.accelerator.process_index * own
        key = (self.args.seed, self.state.global_step, number)
        drawn = np.random.default_rng(key).integers(
            0, len(self.train_dataset), own * self.accelerator.num_processes
        )
        rows = [self.train_dataset[int(row)] for row in drawn[first : first + own]]
        inputs = [dict(row) for row in rows for _ in range(self.num_generations)]
        prompts = [prepare_multimodal_messages(row["prompt"], [row["image"]]) for row in inputs]
        return self._group_batch(inputs, prompts, super()._generate(prompts))  # type: ignore[misc]
