"""What a model was taught to write and at what size it saw photos, kept beside its weights."""

import json
import logging
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from geoagent_training.data.chat_rows import SYSTEM_OF_TARGET, TargetFormat
from geoagent_training.recipe import GrpoRecipe, SftRecipe

log = logging.getLogger(__name__)

FILE_NAME: Final = "geoagent_form.json"
_TAGS_REWARDED: Final = frozenset({"well_formed"})
_OF_CONVERSATIONS: Final = ("environment", "graph")  # whose system turn speaks of more than a reply


class TaughtForm(BaseModel):
    """The form of replies, the words of the first two turns (None: ours), the pixels of a photo."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    target: str
    system_prompt: str | None = None
    question_prompt: str | None = None
    max_pixels: int


def form_of(recipe: SftRecipe | GrpoRecipe) -> TaughtForm:
    """Return the form that a recipe teaches."""
    if isinstance(recipe, SftRecipe):
        target: str = recipe.target
    else:
        target = recipe.rollouts if recipe.rollouts in _OF_CONVERSATIONS else "think_answer"
    return TaughtForm(
        target=target,
        system_prompt=recipe.system_prompt,
        question_prompt=recipe.question_prompt,
        max_pixels=recipe.max_pixels,
    )


def write_form(recipe: SftRecipe | GrpoRecipe, folder: Path) -> None:
    """Write the form beside the weights of a result."""
    (folder / FILE_NAME).write_text(form_of(recipe).model_dump_json(indent=1), encoding="utf-8")


def read_form(folder: Path) -> TaughtForm | None:
    """Return the form that stands beside weights, None for a model that was not taught here."""
    try:
        return TaughtForm.model_validate(json.loads((folder / FILE_NAME).read_text("utf-8")))
    except (OSError, ValueError, ValidationError):
        return None


def form_warnings(recipe: GrpoRecipe) -> list[str]:
    """Return what the model was taught otherwise than the recipe rewards."""
    taught = read_form(Path(recipe.model))
    if taught is None:
        return []
    found: list[str] = []
    rewarded = {choice.function for choice in recipe.rewards}
    if taught.target == "json" and rewarded & _TAGS_REWARDED:
        found.append(
            f"{recipe.model} was taught bare JSON (target: json), but well_formed rewards "
            "<think>...</think><answer>...</answer>: teach target: think_answer"
        )
    if recipe.rollouts == "single" and taught.target not in _OF_CONVERSATIONS:
        found += _prompt_warnings(recipe, taught)
    return found


def _prompt_warnings(recipe: GrpoRecipe, taught: TaughtForm) -> list[str]:
    return [
        f"{recipe.model} was taught under another {name.replace('_', ' ')} "
        f"({'ours' if before is None else repr(before[:60])}) than this recipe asks with"
        for name in ("system_prompt", "question_prompt")
        if (before := getattr(taught, name)) != getattr(recipe, name)
    ]


def evaluation_warnings(model: str) -> list[str]:
    """Return why answers to one question say little of what a model was taught."""
    taught = read_form(Path(model))
    if taught is None or taught.target not in _OF_CONVERSATIONS:
        return []
    return [
        f"{model} was taught conversations with tools ({taught.target}), and is asked once here, "
        "without any: to see what it does with them, serve it and run "
        "`geoagent locate --policy served`"
    ]


def question_of_model(model: str) -> str | None:
    """Return the words of the first question that a model was taught under; None for ours."""
    taught = read_form(Path(model))
    return None if taught is None else taught.question_prompt


def system_of_model(model: str) -> str | None:
    """Return the words of the system turn that a model was taught under; None for ours."""
    taught = read_form(Path(model))
    if taught is None or taught.target in _OF_CONVERSATIONS:
        return None
    form: TargetFormat = "json" if taught.target == "json" else "think_answer"
    return taught.system_prompt or SYSTEM_OF_TARGET[form]
