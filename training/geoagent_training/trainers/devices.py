"""Where a run computes, checked before anything is loaded."""

import importlib.util
from typing import Any

from geoagent_graph.installation import install_command
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


def model_options(recipe: Recipe) -> dict[str, Any]:
    """Return how the weights of a recipe are loaded, for `load_model`.

    Raises:
        ConfigError: a package or a GPU that the recipe asks for is not there.
    """
    if recipe.attention == "flash_attention_2":
        _require(recipe, "flash_attn", "flash-attn", "attention: flash_attention_2")
    if recipe.quantization:
        _require(recipe, "bitsandbytes", "bitsandbytes", f"quantization: {recipe.quantization}")
    return {
        "dtype": weight_type(recipe),
        "quantization": recipe.quantization,
        "attention": recipe.attention,
    }


def _require(recipe: Recipe, module: str, package: str, key: str) -> None:
    if device_arguments(recipe)["use_cpu"]:
        raise ConfigError(f"{key}: it needs a GPU, and this run computes on the CPU")
    if importlib.util.find_spec(module) is None:
        raise ConfigError(f"{key}: {package} is not installed: {install_command(package)}")


def weight_type(recipe: Recipe) -> str:
    """Return the dtype weights are loaded in."""
    return "float32" if device_arguments(recipe)["use_cpu"] else "bfloat16"
