"""Where a run computes, checked before anything is loaded."""

from typing import Any

from geoagent_training.errors import ConfigError
from geoagent_training.recipe import Recipe


def device_arguments(recipe: Recipe) -> dict[str, Any]:
    """Return TRL's arguments for the device: bf16 and checkpointing on a GPU, plain on a CPU.

    Raises:
        ConfigError: a GPU is asked for and there is none.
    """
    import torch

    found = torch.cuda.is_available()
    if recipe.device == "cuda" and not found:
        raise ConfigError(
            "device: cuda, but PyTorch sees no GPU here. Check the driver, or set device: cpu"
        )
    on_gpu = found and recipe.device != "cpu"
    return {"use_cpu": not on_gpu, "bf16": on_gpu, "gradient_checkpointing": on_gpu}


def weight_type(recipe: Recipe) -> str:
    """Return the dtype weights are loaded in."""
    return "float32" if device_arguments(recipe)["use_cpu"] else "bfloat16"
