"""The text reader and the image encoder in processes that are ended with the run that asked them.

A process loads what it is asked for, and is kept for the next photo while it lives. Nothing is
started before the first photo.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from geoagent_graph.allocator import HUGE_PAGES
from geoagent_graph.call_threads import OverBudget, cpu_seconds_left
from geoagent_graph.errors import ToolError
from geoagent_graph.perception.text_lines import TEXT_LINES
from geoagent_graph.perception.visual_encoder import open_visual_encoder
from geoagent_graph.protocols import TextLine, VisualEncoder, place_encoder_of
from geoagent_graph.settings import Settings, worker_environment
from geoagent_graph.workers.pool import WorkerPool
from geoagent_graph.workers.process import WorkerProcess

MAX_REPLY_BYTES: Final = 64 << 20
_CHILD: Final = Path(__file__).with_name("engine_child.py")
_SETTINGS: Final = {
    "cache_dir", "encoder", "recognisers", "threads", "tessdata_dir", "weights_dir",
}  # fmt: skip


class EngineProcesses:
    """Processes with both engines; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._pool = WorkerPool(self._start_process)

    def ask(self, task: str, photos: Sequence[NDArray[np.uint8]], encoder_id: str = "") -> bytes:
        """Return the reply to a task about RGB photos, each of shape [height, width, 3].

        `encoder_id` names the encoder that embeds them.

        Raises:
            ToolError: the engine failed, was too slow, or its process died.
        """
        left = cpu_seconds_left()
        seconds = self.settings.tool_seconds if left is None else max(left, 0.01)
        shapes = [photo.shape for photo in photos]
        order = {"task": task, "seconds": seconds, "shapes": shapes, "encoder": encoder_id}
        data = b"".join(photo.tobytes() for photo in photos)
        try:
            header, body = self._pool.ask_worker(order, data, max_reply_bytes=MAX_REPLY_BYTES)
        except TimeoutError as error:
            raise OverBudget(self.settings.tool_seconds) from error
        except EOFError as error:
            raise ToolError("its process ended early. Try a smaller photo.") from error
        except OSError as error:
            raise ToolError(f"its process cannot be started ({error.strerror})") from error
        if "fault" in header:
            raise ToolError(header["fault"])
        return body

    def _start_process(self) -> WorkerProcess:
        if not sys.executable:
            raise ToolError("No Python interpreter to read photos with. Reinstall the package.")
        settings = self.settings.model_dump(mode="json", include=_SETTINGS)
        given: dict[str, Any] = {"paths": _import_paths(), "settings": settings}
        command = [sys.executable, "-I", str(_CHILD), to_json(given).decode()]
        return WorkerProcess(command, HUGE_PAGES | worker_environment())

    def close(self) -> None:
        """End the processes that wait; others can be started again."""
        self._pool.close()


class ProcessReader:
    """A `TextReader` whose engine runs in another process."""

    def __init__(self, engines: EngineProcesses) -> None:
        self._engines = engines

    def read(self, pixels: NDArray[np.uint8]) -> list[TextLine]:
        """Return the lines of text in an RGB photo, shape [height, width, 3], top to bottom.

        Raises:
            ToolError: a recogniser failed, was too slow, or its process died.
        """
        return TEXT_LINES.validate_json(self._engines.ask("read", [pixels]))


class ProcessEncoder:
    """A `VisualEncoder` whose engine runs in another process.

    `encoder` says which; it is never loaded here. None is the default encoder.
    """

    def __init__(self, engines: EngineProcesses, encoder: VisualEncoder | None = None) -> None:
        self._engines = engines
        self._encoder = encoder or open_visual_encoder(engines.settings)

    @property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing; an index remembers it."""
        return self._encoder.encoder_id

    @property
    def dimension(self) -> int:
        """Length of one embedding."""
        return self._encoder.dimension

    @property
    def place_encoder(self) -> "ProcessEncoder | None":
        """What an index learns places with, in another process too; None without one."""
        encoder = place_encoder_of(self._encoder)
        return None if encoder is None else ProcessEncoder(self._engines, encoder)

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return unit vectors, shape [len(photos), dimension], of RGB photos [height, width, 3].

        Raises:
            ToolError: the weights are missing or damaged, or the process failed.
        """
        body = self._engines.ask("encode", photos, self.encoder_id)
        return np.frombuffer(body, np.float32).reshape(len(photos), self.dimension)


def _import_paths() -> list[str]:
    """Return where this process finds modules, without the current folder."""
    own = str(Path(__file__).resolve().parents[2])
    return list(dict.fromkeys([own, *filter(None, sys.path)]))
