"""The folder of weights on this machine: what is in it, what is missing, whether it is sound."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.weights.catalogue import catalogue
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.lock_file import LockFile, Pin, read_lock, write_lock

if TYPE_CHECKING:
    from filelock import BaseFileLock

State = Literal["there", "partly", "absent", "changed"]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A file of a row that is not as it was pulled, and what is wrong with it."""

    name: str
    path: str
    problem: str


class WeightStore:
    """The weights below one folder; cheap to build, writes nothing before a pull."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def folder_of(self, name: str) -> Path:
        """Return where the files of a row lie, or would lie."""
        return self.folder / name

    def arrivals_of(self, name: str) -> Path:
        """Return where the files of a row lie while they arrive."""
        return self.folder / ".arriving" / name

    def pin(self, name: str) -> Pin | None:
        """Return what was pulled of a row; None where nothing was.

        Raises:
            StorageError: the pins are damaged or cannot be read.
        """
        return read_lock(self.folder).weights.get(name)

    def write_pin(self, name: str, pin: Pin | None) -> None:
        """Keep what was pulled of a row, or forget it; other rows stay as they are.

        Raises:
            OSError: the folder cannot be written, or the disk is full.
        """
        with self.hold(".lock"):
            pins = dict(read_lock(self.folder).weights)
            if pin is None:
                pins.pop(name, None)
            else:
                pins[name] = pin
            write_lock(self.folder, LockFile(weights=pins))

    @contextmanager
    def hold(self, name: str, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Let one process at a time work on a row; `on_wait` is called where another one does."""
        from filelock import FileLock, Timeout

        folder = self.folder / ".locks"
        folder.mkdir(parents=True, exist_ok=True)
        lock: BaseFileLock = FileLock(folder / f"{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait is not None:
                on_wait()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def state(self, entry: Entry) -> State:
        """Return whether a row can be used, by its pins and the sizes of its files.

        `changed` is a row whose catalogue pins another revision or digest than was pulled.
        """
        return self._state_by(entry, self.pin(entry.name))

    def _state_by(self, entry: Entry, pin: Pin | None) -> State:
        if pin is None or not (pin.files or self.arrivals_of(entry.name).is_dir()):
            return "absent"
        if not pin.complete or not all(self._has_size(entry.name, path, pin) for path in pin.files):
            return "partly"
        return "there" if is_as_catalogued(entry, pin) else "changed"

    def _has_size(self, name: str, path: str, pin: Pin) -> bool:
        file = self.folder_of(name) / path
        return file.is_file() and file.stat().st_size == pin.files[path].size_bytes

    def require(self, entry: Entry) -> Path:
        """Return the folder of a row that can be used.

        Raises:
            InputError: it is missing, incomplete or not what the catalogue pins.
        """
        state = self.state(entry)
        if state == "there":
            return self.folder_of(entry.name)
        if state == "changed":
            raise InputError(change_words(entry.name))
        raise InputError(
            f"{entry.name}: not on this machine; get it with `geoagent weights pull {entry.name}`"
        )

    def entries(self, *states: State) -> list[Entry]:
        """Return the rows of the catalogue that are in one of the states, in its order."""
        if not self.folder.is_dir():
            return list(catalogue().values()) if "absent" in states else []
        pins = read_lock(self.folder).weights
        return [
            entry
            for entry in catalogue().values()
            if self._state_by(entry, pins.get(entry.name)) in states
        ]

    def verify(self, entry: Entry) -> list[FileProblem]:
        """Return the files of a row that are not as they were pulled; reads every byte."""
        pin = self.pin(entry.name)
        if pin is None:
            return [FileProblem(entry.name, "", "was never pulled")]
        problems = [self._look_at(entry.name, path, pin) for path in sorted(pin.files)]
        found = [problem for problem in problems if problem is not None]
        if not pin.complete:
            found.append(FileProblem(entry.name, "", "the pull was broken off; pull it again"))
        if not is_as_catalogued(entry, pin):
            found.append(FileProblem(entry.name, "", "is not what the catalogue pins"))
        return found

    def _look_at(self, name: str, path: str, pin: Pin) -> FileProblem | None:
        file = self.folder_of(name) / path
        try:
            if file.stat().st_size != pin.files[path].size_bytes:
                return FileProblem(name, path, "has another size than when it was pulled")
            digest = digest_of(file)
        except OSError as error:
            return FileProblem(name, path, f"cannot be read ({error.strerror})")
        if digest != pin.files[path].sha256:
            return FileProblem(name, path, "has another content than when it was pulled")
        return None

    def remove(self, name: str) -> int:
        """Delete the files and the pins of a row; return the bytes that they took.

        Raises:
            StorageError: a file cannot be deleted.
        """
        freed = 0
        with self.hold(name):
            for folder in (self.folder_of(name), self.arrivals_of(name)):
                if folder.is_dir():
                    files = [path for path in folder.rglob("*") if path.is_file()]
                    freed += sum(path.stat().st_size for path in files)
                    _remove_folder(folder)
            self.write_pin(name, None)
        return freed


def _remove_folder(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be deleted ({error.strerror})") from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_as_catalogued(entry: Entry, pin: Pin) -> bool:
    """Return whether what was pulled is what the catalogue pins now."""
    wanted = getattr(entry.source, "revision", None)
    if wanted is not None and pin.revision not in (None, wanted):
        return False
    return all(
        file.sha256 is None or file.path not in pin.files
        or pin.files[file.path].sha256 == file.sha256
        for file in entry.files
    )  # fmt: skip


def change_words(name: str) -> str:
    """Return the sentence about a row whose catalogue has moved on."""
    return (
        f"{name}: the catalogue pins another revision than the one that was pulled; "
        f"`geoagent weights remove {name}`, then pull it again"
    )
