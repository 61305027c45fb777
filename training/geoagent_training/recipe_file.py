"""A recipe read from its YAML file; an unknown key is an error that names the nearest one."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.recipe import GrpoRecipe, Recipe, SftRecipe

RecipeT = TypeVar("RecipeT", bound=Recipe)


def load_recipe(path: Path, kind: type[RecipeT]) -> RecipeT:
    """Return the recipe of a YAML file; paths in it are relative to the working folder.

    Raises:
        ConfigError: no such file, not YAML, an unknown key, or a value that does not fit.
    """
    text = _read_text(path)
    content = _read_mapping(path, text)
    try:
        recipe = kind.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_first_problem(error, kind)}") from error
    if isinstance(recipe, GrpoRecipe) and "rewards" in content:
        for choice, line in zip(recipe.rewards, _reward_lines(text), strict=False):
            choice.locate(f"{path}:{line}: rewards")
    return recipe


def recipe_kind(path: Path) -> type[Recipe]:
    """Return which stage a recipe is for: only supervised training has a `target`.

    Raises:
        ConfigError: no such file, or not YAML.
    """
    return SftRecipe if "target" in _read_mapping(path, _read_text(path)) else GrpoRecipe


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such recipe") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: it cannot be read: {' '.join(str(error).split())}") from error


def _read_mapping(path: Path, text: str) -> dict[Any, Any]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: it cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a recipe is a mapping of keys to values")
    return content


def _reward_lines(text: str) -> list[int]:
    """Return the line of each entry of `rewards`; none where another key brings them."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # it was read as a mapping
    lists = [value for key, value in root.value if key.value == "rewards"]
    return [entry.start_mark.line + 1 for entries in lists for entry in entries.value]


def _first_problem(error: ValidationError, kind: type[Recipe]) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"unknown key {where}{did_you_mean(str(first['loc'][-1]), kind.model_fields)}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
