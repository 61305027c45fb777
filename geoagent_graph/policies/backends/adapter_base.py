"""Which model a trained adapter belongs to; its folder names it, often by a relative path."""

import json
from pathlib import Path
from typing import Final

from geoagent_graph.regular_files import read_regular

SETTINGS_NAME: Final = "adapter_config.json"
_MAX_BYTES: Final = 1_000_000


def missing_base_words(model: str) -> str | None:
    """Return why the adapter in a folder cannot be loaded; None where its base is there.

    Ask where loading has failed: a name that is no folder here may be one of the Hub, which
    only the loader can tell. What is no adapter has no base to miss.
    """
    settings = Path(model) / SETTINGS_NAME
    if not settings.is_file():
        return None
    try:
        base = json.loads(read_regular(settings, _MAX_BYTES))["base_model_name_or_path"]
    except (OSError, ValueError, LookupError, TypeError):
        base = None
    if not isinstance(base, str) or not base or "\0" in base:
        return f"{settings}: names no base model, and an adapter is of no use without one"
    if Path(base).is_dir():
        return None
    where = "" if Path(base).is_absolute() else f" below {Path.cwd()}"
    return (
        f"{model}: is an adapter of {base}, and there is no such folder{where}; write the whole "
        f"path of the base model as base_model_name_or_path into {settings}"
    )
