"""The recognisers of scripts that were pulled: their files, checked against their pins."""

from dataclasses import dataclass
from pathlib import Path

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.store import WeightStore, digest_of


@dataclass(frozen=True, slots=True)
class RecogniserFile:
    """A pulled recogniser and what it was when it was pulled."""

    name: str
    path: Path
    sha256: str

    def require_sound(self) -> Path:
        """Return the file, every byte of it as it was when it was pulled.

        Raises:
            ToolError: it cannot be read, or has changed.
        """
        try:
            found = digest_of(self.path)
        except OSError as error:
            raise ToolError(f"{self.path}: cannot be read ({error.strerror}).") from error
        if found != self.sha256:
            raise ToolError(
                f"{self.path}: is not what was pulled. Remove it with "
                f"`geoagent weights remove {self.name}` and pull it again."
            )
        return self.path


def find_recognisers(folder: Path) -> dict[str, RecogniserFile]:
    """Return the recognisers below a folder of weights by ISO 15924 code; no file is read.

    Raises:
        StorageError: the pins are damaged.
    """
    store, found = WeightStore(folder), {}
    for entry in store.entries("there"):
        pin = store.pin(entry.name)
        if entry.kind != "recogniser" or pin is None:
            continue
        for path, pinned in pin.files.items():
            file = RecogniserFile(entry.name, store.folder_of(entry.name) / path, pinned.sha256)
            found.update(dict.fromkeys(entry.scripts, file))
    return found
