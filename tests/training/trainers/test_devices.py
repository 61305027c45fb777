"""Where a run computes, with and without a GPU."""

from typing import Any, Literal

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import SftRecipe
from geoagent_training.trainers.devices import device_arguments, weight_type


def recipe(device: Literal["auto", "cuda", "cpu"]) -> SftRecipe:
    return SftRecipe.model_validate({"model": "m", "data": {"path": "x"}, "device": device})


@pytest.mark.parametrize(
    ("device", "gpu", "on_gpu"),
    [
        ("auto", True, True),
        ("auto", False, False),
        ("cuda", True, True),
        ("cpu", True, False),
        ("cpu", False, False),
    ],
)
def test_bf16_and_checkpointing_go_with_the_gpu(
    device: Any, gpu: bool, on_gpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    assert device_arguments(recipe(device)) == {
        "use_cpu": not on_gpu, "bf16": on_gpu, "gradient_checkpointing": on_gpu,
    }  # fmt: skip
    assert weight_type(recipe(device)) == ("bfloat16" if on_gpu else "float32")


def test_a_gpu_that_is_not_there_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="device: cuda, but PyTorch sees no GPU here"):
        weight_type(recipe("cuda"))
