"""The processes that decode photos: started when needed, kept, one per photo at a time.

A decoding process has Pillow loaded and forks for every photo (see `child.py`): a photo costs some
milliseconds instead of the start of an interpreter, and is still decoded in a process of its own
with limits of its own.
"""

import importlib.util
import sys
from pathlib import Path
from typing import Any, Final

from geoagent_graph.errors import ToolError
from geoagent_graph.workers.pool import WorkerPool
from geoagent_graph.workers.process import WorkerProcess

_CHILD: Final = Path(__file__).with_name("child.py")


def _import_folders() -> list[str] | None:
    """Return the folders that Pillow and the rest of it lie in; None without Pillow."""
    found = [_folder_of(name) for name in ("PIL", "pillow_heif", "numpy", "cv2", "geoagent_graph")]
    if found[0] is None:
        return None
    return list(dict.fromkeys(str(folder) for folder in found if folder is not None))


def _folder_of(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parents[1] if spec is not None and spec.origin else None


def start_decoding_process() -> WorkerProcess:
    """Return a new decoding process, which knows nothing of this one's environment.

    Raises:
        ToolError: there is no interpreter, or no Pillow.
    """
    folders = _import_folders()
    if folders is None or not sys.executable:
        raise ToolError(
            "No Python interpreter with Pillow to decode photos. Reinstall the package."
        )
    # -I and -S: no user site, no current folder, no start-up hooks.
    return WorkerProcess([sys.executable, "-I", "-S", str(_CHILD), *folders], {})


class DecodingProcesses(WorkerPool):
    """As many decoding processes as photos are decoded at once; thread-safe."""

    def __init__(self) -> None:
        super().__init__(start_decoding_process)

    def ask(self, order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return header and body of the reply to one request; see `WorkerProcess.ask`."""
        return self.ask_worker(order, data, max_reply_bytes=3 * order["max_pixels"])


DECODERS: Final = DecodingProcesses()
