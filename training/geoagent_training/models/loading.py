"""Processor and model of a recipe, loaded the same way for training, export and evaluation."""

from pathlib import Path
from typing import Any, Final

from geoagent_graph.policies.backends import picture_processor
from geoagent_graph.policies.backends.adapter_base import missing_base_words
from geoagent_training.errors import ConfigError
from geoagent_training.models.families import VISION_PARTS, family_of

WHOLE_MODULES: Final = (*VISION_PARTS, "lm_head")
"""What stays in full precision when the language model is held in 4 bits."""


def load_processor(folder: str, max_pixels: int | None = None) -> Any:
    """Return the processor of a model, photos limited to `max_pixels`.

    Families whose photos all become one square have no such limit; they get no crops beside it.

    Raises:
        ConfigError: there is none under this name, or it is of a family that was never tried.
    """
    family = family_of(folder)
    try:
        processor = picture_processor.load_processor(folder, offline=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {folder}: no processor can be loaded: {error}") from error
    if family is not None and family.fixed_pictures:
        processor.image_processor.do_pan_and_scan = False
    elif max_pixels is not None:
        smallest = min(int(processor.image_processor.size["shortest_edge"]), max_pixels)
        processor.image_processor.size = {"shortest_edge": smallest, "longest_edge": max_pixels}
    return processor


def load_model(
    folder: str, *, dtype: str, quantization: str | None = None, attention: str | None = None
) -> Any:
    """Return the vision-language model of a folder or hub name.

    Args:
        folder: or name.
        dtype: of the weights.
        quantization: `nf4` holds the linear layers of the language model in 4 bits.
        attention: how attention is computed, by transformers' name.

    Raises:
        ConfigError: there is none under this name, it cannot be loaded so, or it is of a family
            that was never tried.
    """
    from transformers import AutoModelForImageTextToText

    family_of(folder)
    options: dict[str, Any] = {} if attention is None else {"attn_implementation": attention}
    if quantization is not None:
        options["quantization_config"] = _four_bits(dtype, quantization)
    try:
        return AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype, **options)
    except (OSError, ValueError, ImportError) as error:
        said = " ".join(str(error).split())
        missing = missing_base_words(folder)
        raise ConfigError(
            missing or f"model {Path(folder)}: it cannot be loaded: {said}"
        ) from error


def _four_bits(dtype: str, kind: str) -> Any:
    """Return QLoRA's settings: double quantization; vision tower and output stay as they are."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=kind,
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(WHOLE_MODULES),
    )
