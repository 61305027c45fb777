"""A recipe read from its YAML file; every fault is one line with the key and what to write."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, Recipe, SftRecipe
from geoagent_training.recipe_faults import coercion_words, first_fault
from geoagent_training.recipe_text import read_mapping
from geoagent_training.rewards.reward_settings import REWARD_ENVIRONMENT, RewardSettings
from geoagent_training.trainers.arguments import check_values
from geoagent_training.value_words import misfit_words

RecipeT = TypeVar("RecipeT", bound=Recipe)


def load_recipe(path: Path, kind: type[RecipeT]) -> RecipeT:
    """Return the recipe of a YAML file; paths in it are relative to the working folder.

    Raises:
        ConfigError: no such file, not YAML, an unknown key, or a value that does not fit.
    """
    content, root = read_mapping(path)
    if issubclass(kind, GrpoRecipe):
        _check_environment()
    try:
        recipe = kind.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {first_fault(error, kind, content)}") from error
    changed = coercion_words(content, recipe, kind)
    if changed:
        raise ConfigError(f"{path}: {changed}")
    if recipe.trainer:
        _check_trainer(path, recipe)
    if isinstance(recipe, GrpoRecipe) and "rewards" in content:
        for choice, line in zip(recipe.rewards, _reward_lines(root), strict=False):
            choice.locate(f"{path}:{line}: rewards")
    return recipe


def recipe_kind(path: Path) -> type[Recipe]:
    """Return which stage a recipe is for: only supervised training has a `target`.

    Raises:
        ConfigError: no such file, or not YAML.
    """
    return SftRecipe if "target" in read_mapping(path)[0] else GrpoRecipe


def _check_environment() -> None:
    """Refuse settings of the rewards in the environment that are none."""
    try:
        RewardSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        field = RewardSettings.model_fields[name]
        said = misfit_words(
            f"{REWARD_ENVIRONMENT}{name.upper()}", first["input"], field.annotation, field.metadata
        )
        raise ConfigError(f"environment: {said}") from error


def _check_trainer(path: Path, recipe: Recipe) -> None:
    from trl import GRPOConfig, SFTConfig

    config: Any = GRPOConfig if isinstance(recipe, GrpoRecipe) else SFTConfig
    try:
        check_values(config, recipe.trainer)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _reward_lines(root: yaml.MappingNode) -> list[int]:
    """Return the line of each entry of `rewards`; none where another key brings them."""
    lists = [value for key, value in root.value if key.value == "rewards"]
    return [entry.start_mark.line + 1 for entries in lists for entry in entries.value]
