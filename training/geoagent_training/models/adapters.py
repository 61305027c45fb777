"""Which weights a run changes."""

from typing import Any, Final

from geoagent_training.recipe import Recipe

# "all-linear" alone would also adapt the vision tower and the aligner ("visual.merger")
_LEFT_ALONE: Final = r".*(visual|lm_head).*"


def adapter_config(recipe: Recipe) -> Any:
    """Return PEFT's configuration: all linear layers of the language model, or None."""
    if recipe.lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.lora.r,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules="all-linear",
        exclude_modules=_LEFT_ALONE,
        task_type="CAUSAL_LM",
    )


def freeze_vision(model: Any, recipe: Recipe) -> None:
    """Freeze vision tower and aligner, as the paper does, unless the recipe trains them."""
    if not recipe.train_vision:
        for name, weight in model.named_parameters():
            if "visual" in name:
                weight.requires_grad_(requires_grad=False)
