"""Values of TRL's arguments: of their type, and within bounds that TRL finds late or never."""

import math
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from geoagent_training.errors import ConfigError
from geoagent_training.nearest_name import did_you_mean
from geoagent_training.recipe_faults import is_number_text
from geoagent_training.value_words import choice_names, misfit_words, short_value

_ABOVE_0: Final = frozenset(
    {
        "per_device_train_batch_size",
        "per_device_eval_batch_size",
        "gradient_accumulation_steps",
        "generation_batch_size",
        "steps_per_generation",
        "num_iterations",
        "learning_rate",
        "num_train_epochs",
        "max_completion_length",
        "max_length",
        "temperature",
        "repetition_penalty",
        "save_steps",
        "eval_steps",
        "logging_steps",
        "adam_epsilon",
        "vllm_gpu_memory_utilization",
        "vllm_max_model_length",
        "vllm_tensor_parallel_size",
        "ref_model_sync_steps",
    }
)
_AT_MOST_1: Final = frozenset(
    {
        "adam_beta1",
        "adam_beta2",
        "label_smoothing_factor",
        "min_p",
        "ref_model_mixup_alpha",
        "top_entropy_quantile",
        "top_p",
        "vllm_gpu_memory_utilization",
    }
)
_MAY_BE_NEGATIVE: Final = frozenset(
    {"max_steps", "local_rank", "top_k", "entropy_coef", "entropy_coef_min", "entropy_target"}
)
MAX_SEED: Final = 2**32 - 1  # of numpy
_CHOICES: Final = {
    "vllm_mode": ("colocate", "server"),
    "importance_sampling_level": ("token", "sequence"),
    "multi_objective_aggregation": ("sum_then_normalize", "normalize_then_sum"),
    "scale_rewards": ("group", "batch", "none"),
    "vllm_importance_sampling_mode": (
        "token_truncate",
        "token_mask",
        "sequence_truncate",
        "sequence_mask",
    ),
}
_GRPO_LOSS: Final = ("loss_type", "GRPOConfig")
_GRPO_LOSSES: Final = (
    "grpo",
    "dapo",
    "dr_grpo",
    "bnpo",
    "cispo",
    "sapo",
    "luspo",
    "vespo",
)
_MAY_NAME_A_FILE: Final = frozenset({"deepspeed", "fsdp_config", "accelerator_config"})
_PLAIN: Final = {int, float, bool, str, list, dict}


def read_value(kind: type[Any], name: str, value: Any) -> Any:
    """Return a value as TRL's field of a name takes it.

    YAML reads 1e-5 as a text, and a bare `no` as false; both are taken as they are meant.

    Raises:
        ConfigError: it is of another type, or out of bounds; one sentence says what to write.
    """
    hint = _hints(kind).get(name)
    read = _typed_value(name, value, hint)
    _check_number(name, read, value)
    choices = _GRPO_LOSSES if (name, kind.__name__) == _GRPO_LOSS else _CHOICES.get(name, ())
    if choices and isinstance(read, str) and read not in choices:
        near = did_you_mean(read, choices)
        raise _fault(name, value, f"write {', '.join(choices[:-1])} or {choices[-1]}{near}")
    return read


def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _typed_value(name: str, value: Any, hint: Any) -> Any:
    parts = _parts_of(hint)
    enums = [part for part in parts if isinstance(part, type) and issubclass(part, Enum)]
    if enums:
        return _chosen_name(name, value, hint)
    plain = {get_origin(part) or part for part in parts}
    if not plain or not plain <= _PLAIN:
        return value
    if name == "scale_rewards" and isinstance(value, bool):
        return value
    if float in plain and str not in plain and isinstance(value, str) and is_number_text(value):
        return float(value)
    if {dict, str} <= plain and isinstance(value, str) and not _is_mapping_text(name, value):
        raise ConfigError(misfit_words(f"trainer.{name}", value, dict))
    try:
        return TypeAdapter(hint, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError as error:
        raise ConfigError(misfit_words(f"trainer.{name}", value, hint)) from error


def _is_mapping_text(name: str, value: str) -> bool:
    """Return whether a text stands for a mapping: JSON, or the file of one."""
    return name in _MAY_NAME_A_FILE or value.lstrip().startswith("{")


def _parts_of(hint: Any) -> list[Any]:
    union = get_origin(hint) in (Union, types.UnionType)
    parts = get_args(hint) if union else (hint,)
    return [part for part in parts if part not in (None, type(None))]


def _chosen_name(name: str, value: Any, hint: Any) -> Any:
    """Return a name out of those that an argument takes."""
    names = choice_names(hint)
    if value is False and "no" in names:
        return "no"
    if isinstance(value, Enum) or (isinstance(value, str) and (value in names or not names)):
        return value
    raise ConfigError(misfit_words(f"trainer.{name}", value, hint))


def _check_number(name: str, read: Any, given: Any) -> None:
    if isinstance(read, bool) or not isinstance(read, int | float):
        return
    if not math.isfinite(read):
        raise _fault(name, given, "write a finite number")
    if name in _ABOVE_0 and not read > 0:
        raise _fault(name, given, "it must be above 0")
    if name in _AT_MOST_1 and not 0 <= read <= 1:
        raise _fault(name, given, "write a number from 0 to 1")
    if name in ("seed", "data_seed") and not 0 <= read <= MAX_SEED:
        raise _fault(name, given, f"write a whole number from 0 to {MAX_SEED}")
    if name == "max_steps" and read != -1 and read < 1:
        raise _fault(name, given, "write a whole number above 0, or leave it out to train epochs")
    if read < 0 and name not in _MAY_BE_NEGATIVE:
        raise _fault(name, given, "it must not be below 0")


def _fault(name: str, value: Any, words: str) -> ConfigError:
    return ConfigError(f"trainer.{name} is {short_value(value)}: {words}")
