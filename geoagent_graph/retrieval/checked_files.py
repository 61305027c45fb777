"""Which files of an index were read to the last byte before, so that large ones are read once.

The list lies beside the index, not in it: what is handed on is checked anew. A file is known by its
device, inode, size and time of writing, under the sha256 that it had; a disk that is damaged
afterwards is not noticed until `geoagent index info`, which reads everything.
"""

import contextlib
import json
from pathlib import Path
from typing import Final

from geoagent_graph.regular_files import read_regular
from geoagent_graph.retrieval.index_format import FileRecord
from geoagent_graph.whole_files import OWNER_ONLY, replace_file

_MAX_BYTES: Final = 1 << 22


class CheckedFiles:
    """The list of the index at `folder`; one that cannot be read is empty."""

    def __init__(self, folder: Path) -> None:
        folder = folder.resolve()
        self._path = folder.with_name(f".{folder.name}.checked")
        self._known: dict[str, list[int]] = {}
        self._seen: dict[str, list[int]] = {}
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(read_regular(self._path, _MAX_BYTES))
            self._known = found if isinstance(found, dict) else {}

    def knows(self, path: Path, record: FileRecord) -> bool:
        """Return whether this very file was checked against its record before."""
        identity = _identity_of(path)
        if identity is None or self._known.get(_key(record, identity)) != identity:
            return False
        self._seen[_key(record, identity)] = identity
        return True

    def remember(self, path: Path, record: FileRecord) -> None:
        """Note that a file was checked."""
        identity = _identity_of(path)
        if identity is not None:
            self._seen[_key(record, identity)] = identity

    def save(self) -> None:
        """Write the list, of the files that were asked about; where it cannot be, nothing is."""
        if self._seen and self._seen != self._known:
            with contextlib.suppress(OSError):  # the next process checks again
                text = json.dumps(self._seen).encode()
                replace_file(self._path, [text], f"{self._path.name}.", OWNER_ONLY)


def _key(record: FileRecord, identity: list[int]) -> str:
    """Return under what a file is noted: shards that were trained together have equal files."""
    return f"{record.sha256} {identity[1]}"


def _identity_of(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns]
