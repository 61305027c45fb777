"""Whether a model is split over processes as the launcher was told."""

from typing import Any

from geoagent_training.errors import ConfigError


def check_sharding(accelerator: Any) -> None:
    """Refuse a run that was to be split by FSDP or ZeRO and is copied to every process instead.

    Accelerate falls back without a word where it does not know the device: to plain data
    parallelism on CPUs.

    Raises:
        ConfigError: the launcher asked for one way and another is in use.
    """
    from accelerate.utils import parse_flag_from_env

    used = str(accelerator.distributed_type).rpartition(".")[2]
    for flag, wanted in (
        ("ACCELERATE_USE_FSDP", "FSDP"),
        ("ACCELERATE_USE_DEEPSPEED", "DEEPSPEED"),
    ):
        if parse_flag_from_env(flag) and used != wanted:
            raise ConfigError(
                f"the launcher asks for {wanted}, but {used} is in use on {accelerator.device}: "
                "the model would be copied whole to every process. Start it on GPUs, or with "
                "another --config_file"
            )
