"""Imports RapidOCR without parsing its list of models twice."""

import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_LIST_OF_MODELS: Final = "default_models.yaml"
_importing = threading.Lock()


def import_rapidocr() -> Any:
    """Return the package `rapidocr`, its list of models parsed once, by libyaml.

    The package loads the list in two of its modules when they are imported, each time with a parser
    in Python: a third of a second of its own. What it gets is the same.
    """
    from omegaconf import OmegaConf

    load = OmegaConf.load

    @lru_cache(maxsize=1)
    def load_models(path: Path) -> Any:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        with path.open(encoding="utf-8") as file:
            return OmegaConf.create(yaml.load(file, Loader=loader))  # noqa: S506 - safe loaders

    def load_once(file: Any) -> Any:
        path = Path(file) if isinstance(file, str | Path) else None
        return load_models(path) if path and path.name == _LIST_OF_MODELS else load(file)

    with _importing:
        OmegaConf.load = staticmethod(load_once)  # type: ignore[method-assign]
        try:
            import rapidocr
            import rapidocr.main
        finally:
            OmegaConf.load = staticmethod(load)  # type: ignore[method-assign]
    return rapidocr
