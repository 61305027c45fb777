"""Evaluations while training: rows held out, figures logged, the best weights kept."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.grpo import run_grpo
from geoagent_training.recipe import DataChoice, GrpoRecipe, SftRecipe
from geoagent_training.sft import run_sft
from geoagent_training.trainers.evaluating import best_metrics, check_evaluation

from tests.support.tiny_runs import LENGTH, adapter_weights, grpo_recipe, sft_recipe

pytestmark = pytest.mark.filterwarnings("default")  # torch, transformers and TRL warn


@pytest.mark.training
def test_the_best_weights_of_sft_are_the_result(kit: Path, tmp_path: Path) -> None:
    # the second step is so long that the loss rises: the first is the best
    recipe = sft_recipe(
        kit, tmp_path, save_steps=1, max_steps=2, learning_rate=0.5, lr_scheduler_type="constant",
        save_total_limit=2, warmup_steps=0,
    )  # fmt: skip
    final = run_sft(recipe.model_copy(update={"eval_fraction": 0.25, "best_metric": "loss"}))
    log = json.loads((tmp_path / "log.json").read_text())
    losses = {e["step"]: e["eval_loss"] for e in log if "eval_loss" in e}
    assert set(losses) == {1, 2}
    best = min(losses, key=lambda step: losses[step])
    kept, at_best = adapter_weights(final), adapter_weights(tmp_path / f"checkpoint-{best}")
    for name in kept:
        torch.testing.assert_close(kept[name], at_best[name], rtol=0, atol=0)


@pytest.mark.training
def test_grpo_is_evaluated_on_rows_of_its_own(kit: Path, tmp_path: Path) -> None:
    recipe = grpo_recipe(kit, tmp_path, [LENGTH, "geo_similarity"], max_steps=2, eval_steps=2)
    held_out = DataChoice(path=kit / "chains" / "rows.jsonl", limit=2)
    run_grpo(recipe.model_copy(update={"eval_data": held_out, "best_metric": "geo/within_25_km"}))
    log = json.loads((tmp_path / "log.json").read_text())
    (figures,) = [entry for entry in log if "eval_reward" in entry]
    assert {"eval_rewards/length/mean", "eval_geo/within_25_km", "eval_geo/parsed"} <= {*figures}
    state = json.loads((tmp_path / "checkpoint-2" / "trainer_state.json").read_text())
    assert state["best_global_step"] == 2


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"eval_fraction": 0.6}, "eval_fraction"),
        ({"eval_fraction": 0}, "eval_fraction"),
        ({"best_metric": "loss"}, "best_metric: it needs eval_data or eval_fraction"),
        ({"eval_fraction": 0.1, "eval_data": {"path": "x"}}, "name one of them"),
        ({"eval_data": "x"}, "eval_data"),
        ({"quantization": "int3"}, "quantization"),
        ({"quantization": "nf4", "lora": None}, "it goes with lora"),
        ({"quantization": "nf4", "vllm": {}}, "leave vllm out"),
        ({"attention": "flash"}, "attention"),
        ({"flat_groups": "drop", "rollouts": "graph"}, "flat_groups"),
        ({"flat_groups": "no"}, "flat_groups"),
        ({"resample_tries": 0}, "resample_tries"),
        ({"data": {"path": "hub:nobody"}}, "no data set on the Hub"),
        ({"data": {"path": "hub:a/b/../c"}}, "no data set on the Hub"),
    ],
)
def test_keys_that_do_not_go_together_are_refused(change: dict[str, Any], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        GrpoRecipe(**{"model": "m", "data": {"path": "x"}, **change})


def test_a_figure_that_no_evaluation_has_is_named_with_the_nearest() -> None:
    data = {"path": "x"}
    recipe = GrpoRecipe(model="m", data=data, eval_fraction=0.1, best_metric="geo/within_26_km")
    args = type("Args", (), {"eval_strategy": "steps"})
    with pytest.raises(ConfigError, match=r"did you mean geo/within_25_km\?"):
        check_evaluation(recipe, args)
    assert "loss" not in best_metrics(recipe)
    plain = SftRecipe(model="m", data=data)
    assert best_metrics(plain) == ("loss", "mean_token_accuracy")
    with pytest.raises(ConfigError, match=r"trainer\.eval_strategy: there is nothing"):
        check_evaluation(plain, args)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("change", [{"quantization": "nf4"}, {"attention": "flash_attention_2"}])
def test_what_needs_a_gpu_says_so_before_anything_is_loaded(
    kit: Path, tmp_path: Path, change: dict[str, str]
) -> None:
    said = f"{next(iter(change))}: .*it needs a GPU"
    missing = {**change, "model": "gone"}
    with pytest.raises(ConfigError, match=said):
        run_sft(sft_recipe(kit, tmp_path / "sft").model_copy(update=missing))
    with pytest.raises(ConfigError, match=said):
        run_grpo(grpo_recipe(kit, tmp_path / "grpo", [LENGTH]).model_copy(update=missing))
