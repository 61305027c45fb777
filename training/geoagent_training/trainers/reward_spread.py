"""Rewards that tell no two answers apart: GRPO learns nothing from them, and nobody notices."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SMALLEST_SPREAD = 1e-6


class RewardSpread:
    """Counts for how many batches each reward had no spread inside any group of answers."""

    def __init__(self, generations: int, warn_after: int) -> None:
        self.generations = generations
        self.warn_after = warn_after
        self._flat_batches: dict[str, int] = {}

    def count_batch(self, names: Sequence[str], rewards: NDArray[np.float64]) -> list[str]:
        """Return a warning for each reward that has now been flat for `warn_after` batches.

        Args:
            names: of the reward functions, F.
            rewards: [answers, F], the answers to one prompt together; NaN where not scored.
        """
        warnings = []
        for column, name in enumerate(names):
            values = rewards[:, column].reshape(-1, self.generations)
            flat = self._flat_batches.get(name, 0) + 1 if is_flat(values) else 0
            self._flat_batches[name] = flat
            if flat and flat % self.warn_after == 0:
                warnings.append(_flat_warning(name, values, flat))
        return warnings


def is_flat(groups: NDArray[np.float64]) -> bool:
    """Say whether no group (a row) holds two different rewards; unscored answers do not count."""
    return bool(flat_groups(groups).all())


def flat_groups(groups: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each group (a row) whether its rewards are all the same; NaN does not count."""
    known = np.where(np.isfinite(groups), groups, np.nan)
    lowest = np.where(np.isnan(known), np.inf, known).min(axis=1)
    highest = np.where(np.isnan(known), -np.inf, known).max(axis=1)
    flat: NDArray[np.bool_] = highest - lowest <= _SMALLEST_SPREAD
    return flat


def _flat_warning(name: str, values: NDArray[np.float64], batches: int) -> str:
    known = values[np.isfinite(values)]
    value = f"{known.mean():.2f}" if len(known) else "nothing"
    hint = (
        " The policy writes another form than the one that is rewarded: look at completions.jsonl, "
        "and teach the form in the supervised stage (target: think_answer)."
        if name in ("well_formed", "answer_format") and len(known) and known.max() == 0.0
        else ""
    )
    return (
        f"the reward {name} had no spread inside any group for {batches} batches (now {value} for "
        f"every answer): nothing is learned from it.{hint}"
    )
