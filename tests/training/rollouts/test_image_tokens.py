"""Prompts with photos reach vLLM as the trainer wrote them."""

from types import SimpleNamespace
from typing import Any

import pytest
from geoagent_training.errors import TrainingStopped
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.rollouts.image_tokens import collapse_image_tokens, mend_generation
from geoagent_training.trainers.place_trainer import PlaceTrainer

IMAGE = 9


def _vllm(prompts: list[dict[str, Any]]) -> list[SimpleNamespace]:
    """Expand the first image token of each prompt to four, as vLLM does."""
    outputs = []
    for prompt in prompts:
        ids = list(prompt["prompt_token_ids"])
        at = ids.index(IMAGE)
        outputs.append(SimpleNamespace(prompt_token_ids=ids[:at] + [IMAGE] * 4 + ids[at + 1 :]))
    return outputs


def test_runs_of_image_tokens_become_one() -> None:
    assert collapse_image_tokens([1, 9, 9, 9, 2, 9, 9, 3], IMAGE) == [1, 9, 2, 9, 3]
    assert collapse_image_tokens([], IMAGE) == []


def test_without_the_mend_vllm_answers_another_prompt_and_with_it_the_same() -> None:
    expanded = {"prompt_token_ids": [1, 9, 9, 9, 9, 2], "multi_modal_data": {"image": [object()]}}
    assert _vllm([expanded])[0].prompt_token_ids != expanded["prompt_token_ids"]
    mended = mend_generation(_vllm, IMAGE)([expanded])
    assert mended[0].prompt_token_ids == expanded["prompt_token_ids"]


def test_without_the_mend_the_run_is_stopped() -> None:
    expanded = {"prompt_token_ids": [1, 9, 9, 9, 9, 2], "multi_modal_data": {"image": [object()]}}
    with pytest.raises(TrainingStopped, match="a prompt of 9 tokens instead of the 6"):
        mend_generation(_vllm, IMAGE, collapse=False)([expanded])


def test_a_vllm_that_changed_its_ways_stops_the_run() -> None:
    expanded = {"prompt_token_ids": [1, 9, 9, 2], "multi_modal_data": {"image": [object()]}}
    with pytest.raises(TrainingStopped, match=r"5 tokens|6 tokens"):
        mend_generation(_vllm, IMAGE)([expanded])


@pytest.mark.parametrize(
    ("difference", "stops"), [(0.01, False), (1.9, True), (float("nan"), True)]
)
def test_a_sampler_gone_astray_stops_the_run(
    monkeypatch: pytest.MonkeyPatch, difference: float, stops: bool
) -> None:
    trainer = object.__new__(PlaceTrainer)
    trainer.recipe = GrpoRecipe(model="m", data={"path": "x"})
    trainer._metrics = {"train": {"sampling/sampling_logp_difference/mean": [difference]}}
    monkeypatch.setattr(
        "trl.GRPOTrainer._generate_and_score_completions", lambda self, inputs: {"advantages": 1}
    )
    if stops:
        with pytest.raises(TrainingStopped, match="did not write"):
            trainer._generate_and_score_completions([])
    else:
        assert trainer._generate_and_score_completions([]) == {"advantages": 1}
