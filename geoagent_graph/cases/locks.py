"""Who works on a case: one process at a time; and which names of new cases are free."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.storage import file_errors, is_begun
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.errors import CaseHeld, InputError
from geoagent_graph.whole_files import make_folders

if TYPE_CHECKING:
    import filelock

MAX_NAMES = 100_000


def acquire_lock(folder: Path, name: str, seconds: float) -> "filelock.BaseFileLock":
    """Return a case's lock, taken; waits a moment, since others look whether it is free.

    Raises:
        CaseHeld: another process holds it.
        StorageError: the folder cannot be written.
    """
    import filelock

    lock = filelock.FileLock(folder / "lock", thread_local=False)
    with file_errors(name):
        try:
            return lock.acquire(seconds, poll_interval=0.02).lock
        except filelock.Timeout as error:
            raise CaseHeld(
                f"{name}: another process works on it. Wait until it is done, or stop it."
            ) from error


@contextlib.contextmanager
def release_at_end(lock: "filelock.BaseFileLock") -> Iterator[None]:
    """Release a lock that is held, however what goes on under it ends."""
    try:
        yield
    finally:
        lock.release()


def reserve_name(
    stem: str, folder_of: Callable[[str], Path]
) -> "tuple[str, filelock.BaseFileLock]":
    """Return a name that no case has, and its lock, taken: who asks at the same time gets another.

    Raises:
        InputError: all are taken.
        StorageError: the folder cannot be written.
    """
    for name in _numbered(stem):
        folder = folder_of(name)
        database = folder / "case.sqlite"
        if (folder / f"{MAIN}{SUFFIX}").exists() or is_begun(database):
            continue
        with file_errors(name):
            make_folders(folder, mode=0o700)
        with contextlib.suppress(CaseHeld):
            lock = acquire_lock(folder, name, 0.0)
            if not is_begun(database):
                return name, lock
            lock.release()
    raise InputError(f"{stem}: all names are taken; give one with --case")


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in range(2, MAX_NAMES))
