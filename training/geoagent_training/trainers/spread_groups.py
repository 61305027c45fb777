"""Groups whose answers all earn the same: replaced, since GRPO learns nothing from them.

DAPO (arXiv 2503.14476) calls it dynamic sampling. New photos are asked in place of the flat groups,
a bounded number of times; what is still flat gives its place to copies of groups that are not, so
that the loss is a mean over answers that teach something, whatever its form.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from geoagent_training.errors import ConfigError
from geoagent_training.trainers.reward_spread import flat_groups

# prompt ids, completion ids, completions, log-probabilities and photos in what TRL's _generate
# returns; the rest belongs to tools
_PER_ANSWER = (0, 1, 3, 4, 6)


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
        rewards = self._own_rewards(self._asked, prompts, made)
        columns = [self._asked, prompts, *(made[part] for part in _PER_ANSWER)]
        batch = _Batch([column for column in columns if column is not None], rewards)
        first = self._flat(batch.rewards)
        for number in range(self.resample_tries):
            flat = self._flat(batch.rewards)
            wanted = int(self.accelerator.gather(self._number(len(flat))).max())
            if not wanted:
                break
            new = self._new_batch(wanted, number, len(batch.columns))
            useless = {*self._flat(new.rewards)}
            useful = [group for group in range(wanted) if group not in useless]
            for group, other in zip(flat, useful, strict=False):
                batch.copy_group(group, new, other, self.num_generations)
        left = self._flat(batch.rewards)
        batch.copy_over(left, self.num_generations)
        self._scored = self.accelerator.gather(batch.rewards)
        self._pending_extra_logs.clear()  # they are of answers that are gone
        groups = len(batch.rewards) // self.num_generations
        self._log_share("groups/flat", len(first), groups)
        self._log_share("groups/flat_after_resampling", len(left), groups)
        return made

    def _flat(self, rewards: Any) -> list[int]:
        """Return the numbers of the groups without spread in the weighted sum."""
        weights = self.reward_weights.to(rewards.device)
        totals = (rewards * weights).nansum(dim=1)
        totals[rewards.isnan().all(dim=1)] = torch.nan
        values = totals.double().cpu().numpy().reshape(-1, self.num_generations)
        return [int(group) for group in np.flatnonzero(flat_groups(values))]

    def _own_rewards(self, inputs: Any, prompts: Any, made: Any) -> Any:
        everyone = self.score_answers(inputs, prompts, made[3], made[1])
        first = self.accelerator.process_index * len(prompts)
        return everyone[first : first + len(prompts)].clone()

    def _new_batch(self, groups: int, number: int, columns: int) -> "_Batch":
        """Return answers to photos drawn at random; the draw follows from seed, step and try."""
        from trl.data_utils import prepare_multimodal_messages

        key = (self.args.seed, self.state.global_step, number, self.accelerator.process_index)
        drawn = np.random.default_rng(key).integers(0, len(self.train_dataset), groups)
        rows = [self.train_dataset[int(row)] for row in drawn]
        inputs = [dict(row) for row in rows for _ in range(self.num_generations)]
        prompts = [prepare_multimodal_messages(row["prompt"], [row["image"]]) for row in inputs]
        made = super()._generate(prompts)  # type: ignore[misc]
        rewards = self._own_rewards(inputs, prompts, made)
        found = [inputs, prompts, *(made[part] for part in _PER_ANSWER)]
        kept = [column for column in found if column is not None]
        assert len(kept) == columns
        return _Batch(kept, rewards)

    def _log_share(self, name: str, part: int, whole: int) -> None:
        share = self.accelerator.gather(self._number(part / whole)).float().mean()
        self._metrics["train"][name].append(float(share))

    def _number(self, value: float) -> Any:
        return torch.tensor([value], device=self.accelerator.device)


class _Batch:
    """Lists with one entry per answer, and their rewards; groups are changed where they stand."""

    def __init__(self, columns: Sequence[list[Any]], rewards: Any) -> None:
        self.columns = columns
        self.rewards = rewards

    def copy_over(self, flat: list[int], size: int) -> None:
        """Put copies of groups with spread in the place of flat ones, if there are any."""
        useful = sorted({*range(len(self.rewards) // size)} - {*flat})
        for number, group in enumerate(flat if useful else []):
            self.copy_group(group, self, useful[number % len(useful)], size)

    def copy_group(self, group: int, other: "_Batch", source: int, size: int) -> None:
        """Put a group of a batch in the place of another."""
        into, out = (slice(at * size, (at + 1) * size) for at in (group, source))
        for column, values in zip(self.columns, other.columns, strict=True):
            column[into] = values[out]
        self.rewards[into] = other.rewards[out]
