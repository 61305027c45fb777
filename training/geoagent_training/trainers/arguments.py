"""TRL's own arguments, from the defaults of a stage and what a recipe says."""

import importlib.util
from dataclasses import fields
from typing import Any, Final

from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean

_TRACKERS: Final = {"tensorboard", "trackio", "wandb"}


def trainer_arguments(kind: type[Any], given: dict[str, Any], fixed: dict[str, Any]) -> Any:
    """Return TRL's own arguments: `fixed` ones, overridden by those `given` in the recipe.

    Raises:
        ConfigError: TRL knows no such argument, refuses a value, or is to report to a package that
            is not installed.
    """
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            raise ConfigError(
                f"trainer.{name}: {kind.__name__} has no such key{did_you_mean(name, known)}"
            )
    try:
        arguments = kind(**{**fixed, **given})
    except (ValueError, TypeError) as error:
        raise ConfigError(f"trainer: {' '.join(str(error).split())}") from error
    for tracker in _TRACKERS & {*arguments.report_to}:
        if importlib.util.find_spec(tracker) is None:
            raise ConfigError(
                f"trainer.report_to: {tracker} is not installed: pip install {tracker}, or report "
                "to tensorboard or none"
            )
    return arguments
