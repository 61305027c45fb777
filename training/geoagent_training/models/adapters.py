"""Which weights a run changes."""

from typing import Any, Final

from geoagent_training.models.families import VISION_PARTS
from geoagent_training.recipe import LoraChoice, Recipe

# "all-linear" alone would adapt the vision tower and what joins it to the language model too.
_LEFT_ALONE: Final = rf".*({'|'.join(VISION_PARTS)}|lm_head).*"


def adapter_config(recipe: Recipe) -> Any:
    """Return PEFT's configuration for a recipe; None where it trains all weights."""
    return None if recipe.lora is None else lora_config(recipe.lora)


def lora_config(lora: LoraChoice) -> Any:
    """Return PEFT's configuration: all linear layers of the language model."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.r,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules="all-linear",
        exclude_modules=_LEFT_ALONE,
        task_type="CAUSAL_LM",
    )


def freeze_vision(model: Any, recipe: Recipe) -> None:
    """Freeze vision tower and aligner, as the paper does, unless the recipe trains them."""
    if not recipe.train_vision:
        for name, weight in model.named_parameters():
            if any(part in name.split(".") for part in VISION_PARTS):
                weight.requires_grad_(requires_grad=False)
