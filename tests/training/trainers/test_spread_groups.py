"""Flat groups are replaced by others before the loss, and the log says how many."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_training.errors import ConfigError
from geoagent_training.grpo import run_grpo
from geoagent_training.rewards.reward_choice import RewardChoice

from tests.support.tiny_runs import grpo_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]
FLAT = "tests.support.tiny_rewards.flat_for_even_rows"


def _log_of(kit: Path, out: Path, change: dict[str, Any], **trainer: Any) -> list[dict[str, Any]]:
    recipe = grpo_recipe(kit, out, [FLAT], gradient_accumulation_steps=3, max_steps=1, **trainer)
    run_grpo(recipe.model_copy(update=change))
    log: list[dict[str, Any]] = json.loads((out / "log.json").read_text())
    return log


@pytest.mark.parametrize("flat_groups", ["keep", "drop", "resample"])
def test_groups_without_spread_make_room(kit: Path, tmp_path: Path, flat_groups: str) -> None:
    entry = _log_of(kit, tmp_path, {"flat_groups": flat_groups, "resample_tries": 6})[0]
    if flat_groups == "keep":
        assert 0 < entry["frac_reward_zero_std"] < 1
        assert "groups/flat" not in entry
        return
    assert entry["frac_reward_zero_std"] == 0.0
    assert 0 < entry["groups/flat"] < 1
    assert (entry["groups/flat_after_resampling"] < entry["groups/flat"]) == (
        flat_groups == "resample"
    )
    samples = (tmp_path / "completions.jsonl").read_text().splitlines()
    assert {int(json.loads(line)["row_id"].rpartition(":")[2]) % 2 for line in samples} == {1}


def test_groups_that_are_spread_over_batches_are_refused(kit: Path, tmp_path: Path) -> None:
    recipe = grpo_recipe(kit, tmp_path, [FLAT]).model_copy(update={"flat_groups": "drop"})
    from geoagent_training.trainers.spread_groups import SpreadGroups

    class Half(SpreadGroups):
        args = type("Args", (), {"per_device_train_batch_size": 2, "steps_per_generation": 1})
        num_generations = recipe.trainer["num_generations"]

    with pytest.raises(ConfigError, match="flat_groups: every process must hold whole groups"):
        Half().replace_flat_groups(0)


def test_a_weight_that_moves_stands_in_the_log(kit: Path, tmp_path: Path) -> None:
    course = {"at": {0: 1.0, 2: 0.0}, "between": "linear"}
    choice = RewardChoice(function="tests.support.tiny_rewards.place_in_group", weight=course)
    recipe = grpo_recipe(kit, tmp_path, [FLAT]).model_copy(update={"rewards": (choice,)})
    run_grpo(recipe)
    log = json.loads((tmp_path / "log.json").read_text())[:3]
    assert [entry["reward_weights/place_in_group"] for entry in log] == [1.0, 0.5, 0.0]
    assert [entry["reward"] for entry in log] == [1.5, 0.75, 0.0]
