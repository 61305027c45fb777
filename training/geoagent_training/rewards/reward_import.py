"""A reward function by its name or dotted path, found from the folder the command is started in."""

import importlib
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from geoagent_training import rewards as own
from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.rewards.finite_reward import RewardFunction
from geoagent_training.rewards.reward_choice import RewardChoice


def find_reward(choice: RewardChoice) -> RewardFunction:
    """Return the function a recipe names, an object where it names a class.

    Raises:
        ConfigError: its module or itself is not there, importing the module fails, or it is no
            function that TRL can call; one line with the place in the recipe.
    """
    if not all(part.strip() for part in choice.function.split(".")):
        raise ConfigError(
            f"{choice.where}: {choice.function!r} names no function: write one such as "
            "geo_similarity, or a dotted path such as my_rewards.right_country"
        )
    module_name, _, name = choice.function.rpartition(".")
    module = _import_module(module_name, choice) if module_name else own
    try:
        function = getattr(module, name)
    except AttributeError as error:
        names = own.REWARDS if module is own else tuple(vars(module))
        hint = did_you_mean(name, names)
        raise ConfigError(
            f"{choice.where}: there is no reward function {choice.function!r}: "
            f"{module.__name__} has no {name!r}{hint}"
        ) from error
    if inspect.isclass(function):
        function = _make_object(function, choice)
    fault = _fault_of(function)
    if fault:
        raise ConfigError(f"{choice.where}: {choice.function!r} {fault}")
    return function  # type: ignore[no-any-return]


def _make_object(kind: type[Any], choice: RewardChoice) -> Any:
    try:
        return kind(**choice.arguments)
    except Exception as error:
        said = " ".join(str(error).split())
        raise ConfigError(
            f"{choice.where}: {choice.function!r} is a class whose object cannot be made: "
            f"{type(error).__name__}: {said}{_last_line(error)}"
        ) from error


def import_from_here(module_name: str) -> ModuleType:
    """Return a module of the working folder or an installed one, as `trl grpo` finds it.

    The working folder stays on the path: the module may import its neighbours later on.
    """
    here = str(Path.cwd())
    if sys.path[0] != here:
        sys.path.insert(0, here)
    importlib.invalidate_caches()
    return importlib.import_module(module_name)


def _import_module(module_name: str, choice: RewardChoice) -> ModuleType:
    try:
        return import_from_here(module_name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and _is_part(error.name, module_name):
            fault = f"no module {error.name!r} in {Path.cwd()} or installed"
        else:
            said = " ".join(str(error).split())
            fault = f"importing it fails: {type(error).__name__}: {said}{_last_line(error)}"
        raise ConfigError(
            f"{choice.where}: there is no reward function {choice.function!r}: {fault}"
        ) from error


def _is_part(missing: str | None, module_name: str) -> bool:
    """Say whether a module that is missing is the one asked for, not one that it imports."""
    return missing is not None and f"{module_name}.".startswith(f"{missing}.")


def _last_line(error: Exception) -> str:
    """Return the file and line that failed, in brackets; nothing where the message has them."""
    if isinstance(error, SyntaxError):
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    own_frames = [frame for frame in frames if "importlib" not in frame.filename]
    last = own_frames[-1] if len(own_frames) > 1 else None  # the first one is this file
    return f" ({last.filename}:{last.lineno})" if last else ""


def _fault_of(function: Any) -> str:
    """Return why TRL could not call something as a reward function; empty where it can."""
    if not callable(function):
        return f"is no function: {type(function).__name__}"
    if not _takes_any_column(function):
        return "must take `completions` and `**columns`: TRL hands over every column by name"
    return ""


def _takes_any_column(function: Any) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
