"""The pins beside the weights: revision and digests of everything that was pulled, as JSON."""

import json
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from geoagent_graph.errors import StorageError
from geoagent_graph.regular_files import read_regular
from geoagent_graph.types import FrozenModel
from geoagent_graph.weights.entry import Digest, FilePath, Name, SizeBytes
from geoagent_graph.whole_files import SHARED, make_folders, remove_orphans, replace_file

LOCK_NAME: Final = "weights.lock.json"
_MAX_LOCK_BYTES: Final = 4_000_000


class PinnedFile(FrozenModel):
    """What a file was when it was pulled; whatever differs from it is refused."""

    sha256: Digest
    size_bytes: SizeBytes


class Pin(FrozenModel):
    """What was pulled of one row.

    `revision` is the hub's commit, fixed before the first byte so that a pull that was broken off
    goes on with the same files. `complete` says that every file has arrived and was checked.
    """

    repository: str
    revision: str | None = None
    files: dict[FilePath, PinnedFile] = Field(default_factory=dict)
    accepted_licence: str | None = None
    complete: bool = False

    @property
    def size_bytes(self) -> int:
        """The bytes of all files."""
        return sum(file.size_bytes for file in self.files.values())


class LockFile(FrozenModel):
    """The whole file."""

    format: Literal[1] = 1
    weights: dict[Name, Pin] = Field(default_factory=dict)


def read_lock(folder: Path) -> LockFile:
    """Return the pins of a folder of weights; none where nothing was pulled.

    Raises:
        StorageError: the file is damaged or cannot be read.
    """
    path = folder / LOCK_NAME
    try:
        return LockFile.model_validate_json(read_regular(path, _MAX_LOCK_BYTES))
    except FileNotFoundError:
        return LockFile()
    except ValidationError as error:
        raise StorageError(
            f"{path}: damaged, so nothing beside it can be trusted; move the folder away and pull "
            "again"
        ) from error
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror})") from error


def write_lock(folder: Path, lock: LockFile) -> None:
    """Write the pins: the whole file under its name, or the old one.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    text = json.dumps(lock.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"
    make_folders(folder)
    prefix = f".{LOCK_NAME}."
    remove_orphans(folder, f"{prefix}*")
    replace_file(folder / LOCK_NAME, [text.encode()], prefix, SHARED)
