"""Processor and model of a recipe, loaded the same way for training, export and evaluation."""

from pathlib import Path
from typing import Any

from geoagent_graph.policies.backends import picture_processor
from geoagent_training.errors import ConfigError


def load_processor(folder: str, max_pixels: int | None = None) -> Any:
    """Return the processor of a model, photos limited to `max_pixels`.

    Raises:
        ConfigError: there is none under this name.
    """
    try:
        processor = picture_processor.load_processor(folder, offline=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {folder}: no processor can be loaded: {error}") from error
    if max_pixels is not None:
        smallest = min(int(processor.image_processor.size["shortest_edge"]), max_pixels)
        processor.image_processor.size = {"shortest_edge": smallest, "longest_edge": max_pixels}
    return processor


def load_model(folder: str, *, dtype: str) -> Any:
    """Return the vision-language model of a folder or hub name.

    Raises:
        ConfigError: there is none under this name.
    """
    from transformers import AutoModelForImageTextToText

    try:
        return AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {Path(folder)}: it cannot be loaded: {error}") from error
