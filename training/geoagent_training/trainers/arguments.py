"""TRL's own arguments, from the defaults of a stage and what a recipe says."""

import importlib.util
from dataclasses import fields
from typing import Any, Final

from geoagent_graph.installation import install_command
from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.trainers.argument_values import read_value

_TRACKERS: Final = {"tensorboard", "trackio", "wandb"}


def check_values(kind: type[Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a recipe as TRL's fields take them.

    Raises:
        ConfigError: TRL knows no such argument, or a value is of another type or out of bounds.
    """
    known = [field.name for field in fields(kind)]
    for name in given:
        if name not in known:
            raise ConfigError(
                f"trainer.{name}: {kind.__name__} has no such key{did_you_mean(name, known)}"
            )
    return {name: read_value(kind, name, value) for name, value in given.items()}


def trainer_arguments(kind: type[Any], given: dict[str, Any], fixed: dict[str, Any]) -> Any:
    """Return TRL's own arguments: `fixed` ones, overridden by those `given` in the recipe.

    Raises:
        ConfigError: TRL knows no such argument, refuses a value, or is to report to a package that
            is not installed.
    """
    read = check_values(kind, given)
    try:
        arguments = kind(**{**fixed, **read})
    except (ValueError, TypeError, ImportError) as error:
        raise ConfigError(f"trainer: {' '.join(str(error).split())}") from error
    _check_trackers(arguments)
    return arguments


def _check_trackers(arguments: Any) -> None:
    from transformers.integrations import INTEGRATION_TO_CALLBACK

    known = {"none", "all", *INTEGRATION_TO_CALLBACK}
    for tracker in {*arguments.report_to} - known:
        near = did_you_mean(tracker, known)
        raise ConfigError(
            f"trainer.report_to: there is no tracker {tracker!r}: write tensorboard, wandb, "
            f"trackio or none{near}"
        )
    for tracker in _TRACKERS & {*arguments.report_to}:
        if importlib.util.find_spec(tracker) is None:
            raise ConfigError(
                f"trainer.report_to: {tracker} is not installed: {install_command(tracker)}, "
                "or report to tensorboard or none"
            )
