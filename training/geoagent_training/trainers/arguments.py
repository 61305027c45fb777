"""TRL's own arguments, from the defaults of a stage and what a recipe says."""

import importlib.util
from dataclasses import fields
from typing import Any, Final, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean

_TRACKERS: Final = {"tensorboard", "trackio", "wandb"}
# What TRL itself finds out only in the middle of a run, or never.
_POSITIVE: Final = (
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "learning_rate",
    "num_train_epochs",
    "max_completion_length",
    "temperature",
    "save_steps",
    "logging_steps",
)


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
    read = {name: _read_value(kind, name, value) for name, value in given.items()}
    try:
        arguments = kind(**{**fixed, **read})
    except (ValueError, TypeError, ImportError) as error:
        raise ConfigError(f"trainer: {' '.join(str(error).split())}") from error
    _check_bounds(arguments)
    for tracker in _TRACKERS & {*arguments.report_to}:
        if importlib.util.find_spec(tracker) is None:
            raise ConfigError(
                f"trainer.report_to: {tracker} is not installed: pip install {tracker}, or report "
                "to tensorboard or none"
            )
    return arguments


def _read_value(kind: type[Any], name: str, value: Any) -> Any:
    """Return a value as TRL's field takes it; YAML reads 1e-5 as a text.

    Raises:
        ConfigError: it is of another type.
    """
    adapter = _adapter_of(kind, name)
    if adapter is None:
        return value
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise ConfigError(f"trainer.{name}: {value!r} does not fit: {said}") from error


def _adapter_of(kind: type[Any], name: str) -> TypeAdapter[Any] | None:
    """Return what reads the plain type of a field; None for types of TRL's own."""
    hint: Any = get_type_hints(kind).get(name)
    parts = [part for part in (get_args(hint) or (hint,)) if part is not type(None)]
    plain = {get_origin(part) or part for part in parts}
    if not parts or not plain <= {int, float, bool, str, list, dict}:
        return None
    return TypeAdapter(hint)


def _check_bounds(arguments: Any) -> None:
    for name in _POSITIVE:
        value = getattr(arguments, name, None)
        if isinstance(value, int | float) and not value > 0:
            raise ConfigError(f"trainer.{name} is {value}: it must be above 0")
