"""GRPO on the tiny model: the steps themselves, and a judge or reward that fails."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from geoagent_training.errors import ConfigError, ServiceError, TrainingStopped
from geoagent_training.grpo import run_grpo
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.rewards.judge import OpenAIJudge
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.trainers.checkpoints import last_checkpoint

from tests.support.reward_fakes import ScriptedJudge
from tests.support.tiny_runs import LENGTH, adapter_weights, grpo_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]


def test_three_steps_of_grpo_with_photos(kit: Path, tmp_path: Path) -> None:
    recipe = grpo_recipe(kit, tmp_path / "run", [LENGTH, "geo_similarity"])
    final = run_grpo(recipe)
    assert any(w.abs().sum() > 0 for n, w in adapter_weights(final).items() if "lora_B" in n)
    log = json.loads((tmp_path / "run" / "log.json").read_text())
    assert {"geo/resolved", "geo/parsed", "geo/within_25_km", "rewards/geo_similarity/mean"} <= {
        *log[0]
    }
    lines = (tmp_path / "run" / "completions.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines]
    assert {sample["step"] for sample in samples} == {0, 1, 2}
    assert samples[0]["rewards"]["length"] is not None
    assert "rows.jsonl:" in samples[0]["row_id"]


def test_three_steps_of_grpo_on_text_alone(kit: Path, tmp_path: Path) -> None:
    """TRL's trainer takes our reward functions without photos too, as `trl grpo` would call it."""
    from datasets import Dataset
    from geoagent_training.rewards import functions as rewards
    from trl import GRPOConfig, GRPOTrainer

    turn = [{"role": "user", "content": [{"type": "text", "text": "Where is this: RUA, palm?"}]}]
    rows = {"prompt": [turn] * 4, "solution": ["Portugal; Lisbon"] * 4, "lat": [38.7] * 4}
    rows |= {"lng": [-9.1] * 4}
    args = GRPOConfig(
        output_dir=str(tmp_path),
        max_steps=3,
        per_device_train_batch_size=4,
        num_generations=4,
        max_completion_length=12,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        report_to="none",
        save_strategy="no",
        logging_steps=1,
    )
    trainer = GRPOTrainer(
        model=load_model(str(kit / "model"), dtype="float32"),
        reward_funcs=[rewards.geo_similarity, rewards.well_formed],
        args=args,
        train_dataset=Dataset.from_dict(rows),
        processing_class=load_processor(str(kit / "model")),
    )
    trainer.train()
    assert trainer.state.global_step == 3
    assert trainer.state.log_history[0]["rewards/geo_similarity/mean"] == 0.0


def test_a_judge_that_is_down_stops_the_run_before_the_first_step(
    kit: Path, tmp_path: Path
) -> None:
    recipe = grpo_recipe(kit, tmp_path, ["consistency"])
    judge = OpenAIJudge("http://127.0.0.1:9/v1", "m", retries=0, seconds=2)
    with pytest.raises(ServiceError, match=r"judge at http://127\.0\.0\.1:9"):
        run_grpo(recipe, judge=judge)
    assert not list(tmp_path.glob("checkpoint-*"))


def test_a_judge_that_dies_in_the_middle_loses_nothing(
    kit: Path, tmp_path: Path, serve: Callable[..., str]
) -> None:
    from tests.support import tiny_rewards

    tiny_rewards.FAIL_AT.append(2)
    try:
        with pytest.raises(
            TrainingStopped, match=r"judge died.*--resume goes on from .*checkpoint-2"
        ):
            run_grpo(grpo_recipe(kit, tmp_path, ["tests.support.tiny_rewards.length_or_fault"]))
    finally:
        tiny_rewards.FAIL_AT.clear()
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-2"
    run_grpo(
        grpo_recipe(kit, tmp_path, ["tests.support.tiny_rewards.length_or_fault"]), resume=True
    )
    # one whole run beside it: the same last weights
    run_grpo(grpo_recipe(kit, tmp_path / "whole", ["tests.support.tiny_rewards.length_or_fault"]))
    one, other = adapter_weights(tmp_path / "final"), adapter_weights(tmp_path / "whole" / "final")
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=0)


def test_a_reward_of_nan_stops_the_run(kit: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingStopped, match="the reward not_a_number returned nan"):
        run_grpo(grpo_recipe(kit, tmp_path, ["tests.support.tiny_rewards.not_a_number"]))


def test_checkpoints_in_the_middle_of_a_batch_are_refused(kit: Path, tmp_path: Path) -> None:
    recipe = grpo_recipe(kit, tmp_path, [LENGTH], num_iterations=2, save_steps=3)
    with pytest.raises(ConfigError, match="multiple of 2"):
        run_grpo(recipe)


def test_consistency_runs_inside_the_trainer(kit: Path, tmp_path: Path) -> None:
    recipe = grpo_recipe(kit, tmp_path, ["consistency", LENGTH], max_steps=1)
    run_grpo(recipe, judge=ScriptedJudge(lambda question: "Portugal"))
    log = json.loads((tmp_path / "log.json").read_text())
    assert log[0]["rewards/consistency/mean"] == 0.0


def test_rewards_may_be_asynchronous_classes_and_models(kit: Path, tmp_path: Path) -> None:
    from tests.support.tiny_rewards import write_reward_model

    model = write_reward_model(kit, tmp_path / "scorer")
    support = "tests.support.tiny_rewards"
    recipe = grpo_recipe(kit, tmp_path / "run", [LENGTH, f"{support}.length_later"], max_steps=1)
    more = [
        RewardChoice(function=f"{support}.Offset", arguments={"offset": 2.0}),
        RewardChoice(model=str(model), weight=0.1),
    ]
    run_grpo(recipe.model_copy(update={"rewards": (*recipe.rewards, *more)}))
    log = json.loads((tmp_path / "run" / "log.json").read_text())[0]
    means = {name: log[f"rewards/{name}/mean"] for name in ("length", "length_later", "Offset")}
    assert means["length"] == means["length_later"] == means["Offset"] - 2.0
    assert math.isfinite(log["rewards/scorer/mean"])
