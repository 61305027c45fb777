"""Rewards without spread are said, after so many batches and not before."""

import numpy as np
from geoagent_training.trainers.reward_spread import RewardSpread, is_flat

NAMES = ["well_formed", "geo"]


def test_a_reward_that_tells_nobody_apart_is_said_every_so_many_batches() -> None:
    spread = RewardSpread(generations=2, warn_after=3)
    rewards = np.array([[0.0, 0.1], [0.0, 0.2], [0.0, 0.5], [0.0, 0.5]])
    said = [spread.count_batch(NAMES, rewards) for _ in range(6)]
    assert [len(warnings) for warnings in said] == [0, 0, 1, 0, 0, 1]
    assert said[2][0].startswith("the reward well_formed had no spread inside any group for 3 ")
    assert "target: think_answer" in said[2][0]


def test_one_group_with_spread_starts_the_count_again() -> None:
    spread = RewardSpread(generations=2, warn_after=2)
    flat, told = np.ones((4, 2)), np.array([[1.0, 1.0], [0.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    assert spread.count_batch(NAMES, flat) == []
    assert [w.split()[2] for w in spread.count_batch(NAMES, told)] == ["geo"]
    assert spread.count_batch(NAMES, flat) == []
    assert "target" not in "".join(spread.count_batch(NAMES, flat))


def test_groups_that_differ_only_between_each_other_are_flat_and_nan_counts_for_nothing() -> None:
    nan = float("nan")
    assert is_flat(np.array([[1.0, 1.0], [2.0, 2.0]]))
    assert is_flat(np.array([[1.0, nan], [nan, nan]]))
    assert not is_flat(np.array([[1.0, nan, 0.5], [nan, nan, nan]]))
