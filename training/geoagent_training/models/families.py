"""The families of models that were trained here, and what differs between them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, Recipe, SftRecipe


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of vision-language model.

    `vision_parts` are the modules of its vision tower and of what joins it to the language model.
    `fixed_pictures`: every photo becomes one square of the same size and as many tokens, so that
    there is no budget of pixels. `speaks_chatml`: conversations with tools and rollouts by vLLM
    were written for the tokens of Qwen.
    """

    name: str
    vision_parts: tuple[str, ...] = ("visual",)
    fixed_pictures: bool = False
    speaks_chatml: bool = True


FAMILIES: Final[dict[str, Family]] = {
    "qwen2_vl": Family("Qwen2-VL"),
    "qwen2_5_vl": Family("Qwen2.5-VL"),
    "qwen3_vl": Family("Qwen3-VL"),
    "gemma3": Family(
        "Gemma 3", ("vision_tower", "multi_modal_projector"), fixed_pictures=True,
        speaks_chatml=False,
    ),
}  # fmt: skip
"""By the `model_type` of a model's `config.json`."""

VISION_PARTS: Final = tuple(
    dict.fromkeys(part for family in FAMILIES.values() for part in family.vision_parts)
)


def family_of(model: str, *, offline: bool = False) -> Family | None:
    """Return the family of a model or of an adapter's base; None where it cannot be told.

    Args:
        model: folder or hub name.
        offline: look on this machine only.

    Raises:
        ConfigError: it is of another family; the message names those that can be trained.
    """
    kind = _model_type(model, offline=offline)
    if kind is None:
        return None
    if kind not in FAMILIES:
        names = ", ".join(family.name for family in FAMILIES.values())
        raise ConfigError(
            f"model {model}: models of the kind {kind} were never tried; choose one of {names}"
        )
    return FAMILIES[kind]


def check_family(recipe: Recipe, family: Family | None) -> None:
    """Refuse what a recipe asks of a family that cannot do it.

    Raises:
        ConfigError: tools, whole runs of the graph or vLLM with a model that is not a Qwen-VL.
    """
    if family is None or family.speaks_chatml:
        return
    key, advice = _need_of_qwen(recipe)
    if key:
        raise ConfigError(f"{key}: it needs the tokens of a Qwen-VL; with {family.name} {advice}")


def _need_of_qwen(recipe: Recipe) -> tuple[str, str]:
    """Return the key that needs a Qwen-VL and what to do without one; empty where none does."""
    if isinstance(recipe, SftRecipe) and recipe.target in ("environment", "graph"):
        return f"target: {recipe.target}", "take think_answer or json"
    if isinstance(recipe, GrpoRecipe) and recipe.rollouts != "single":
        return f"rollouts: {recipe.rollouts}", "take rollouts: single"
    if isinstance(recipe, GrpoRecipe) and recipe.vllm is not None:
        return "vllm", "leave vllm out"
    if isinstance(recipe, GrpoRecipe) and recipe.share_prefix:
        return "share_prefix", "leave share_prefix out"
    return "", ""


def _model_type(model: str, *, offline: bool) -> str | None:
    from transformers import PreTrainedConfig

    adapter = Path(model) / "adapter_config.json"
    try:
        if adapter.is_file():
            model = str(json.loads(adapter.read_text("utf-8"))["base_model_name_or_path"])
        stated: tuple[dict[str, Any], Any] = PreTrainedConfig.get_config_dict(
            model, local_files_only=offline
        )
    except (OSError, ValueError, LookupError, TypeError):  # said better by what loads the model
        return None
    kind = stated[0].get("model_type")
    return kind if isinstance(kind, str) else None
