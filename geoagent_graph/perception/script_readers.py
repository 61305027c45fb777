"""Who reads a script that RapidOCR's own models do not: what was pulled, then Tesseract."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from geoagent_graph.errors import InputError
from geoagent_graph.perception.pp_ocr import RecogniserEngine
from geoagent_graph.perception.tesseract import MODELS, ScriptEngine, ScriptReading, is_convincing
from geoagent_graph.plugins import open_plugin
from geoagent_graph.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from geoagent_graph.weights.recognisers import RecogniserFile


class ScriptReader(Protocol):
    """Reads one line with the model of one script; safe to share between threads."""

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that it reads, those of most signs first."""

    def read(self, strips: Iterable[Image.Image], script: str) -> ScriptReading:
        """Return the best reading of one line among its strips.

        Raises:
            ToolError: the model is missing or damaged, or it failed.
        """


class ScriptReaders:
    """Several readers as one: the first that reads a script, then others where it is not sure."""

    def __init__(self, *readers: ScriptReader) -> None:
        self._readers = readers

    @property
    def scripts(self) -> tuple[str, ...]:
        """ISO 15924 codes of the scripts that any of them reads, those of most signs first."""
        known = dict.fromkeys(script for reader in self._readers for script in reader.scripts)
        return tuple(sorted(known, key=_rank_of))

    def keep_models(self) -> None:
        """Load the models of every reader that can keep them."""
        for reader in self._readers:
            keep = getattr(reader, "keep_models", None)
            if keep is not None:
                keep()

    def read(self, strips: Iterable[Image.Image], script: str) -> ScriptReading:
        """Return the first convincing reading of one line, else the surest."""
        lines = list(strips)
        readings = []
        for reader in self._readers:
            if script in reader.scripts:
                readings.append(reader.read(lines, script))
                if is_convincing(readings[-1]):
                    return readings[-1]
        return max(readings, key=lambda reading: (reading.letters > 0, reading.confidence))


def open_script_readers(settings: Settings) -> ScriptReaders:
    """Return the readers of this machine; nothing is loaded before its first line.

    Raises:
        InputError: the settings name a plug-in that is not installed or is broken.
        StorageError: the pins of the weights are damaged.
    """
    pulled = RecogniserEngine(_find_pulled(settings.weights_dir), settings.threads)
    named = [_open_named(name, settings) for name in settings.recognisers.replace(",", " ").split()]
    return ScriptReaders(*named, pulled, ScriptEngine(settings.tessdata_dir))


def _find_pulled(folder: "Path") -> "dict[str, RecogniserFile]":
    if not folder.is_dir():  # nothing was ever pulled: the catalogue need not be read
        return {}
    from geoagent_graph.weights.recognisers import find_recognisers

    return find_recognisers(folder)


def _open_named(name: str, settings: Settings) -> ScriptReader:
    """Return the reader of a plug-in, which names a function that gets the settings."""
    reader: ScriptReader = open_plugin("geoagent_graph.recognisers", name, settings)
    lacking = [part for part in ("scripts", "read") if not hasattr(reader, part)]
    if lacking:
        raise InputError(f"{name}: no recogniser of scripts: it has no `{lacking[0]}`")
    return reader


def _rank_of(script: str) -> int:
    order = list(MODELS)
    return order.index(script) if script in order else len(order)
