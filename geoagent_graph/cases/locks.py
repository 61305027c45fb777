"""Who works on a case: one process at a time; and which names of new cases are free."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cases.names import MAIN
from geoagent_graph.cases.storage import file_errors, is_begun
from geoagent_graph.cases.trace_file import SUFFIX
from geoagent_graph.errors import CaseHeld, CaseNotFound, InputError
from geoagent_graph.whole_files import make_folders

if TYPE_CHECKING:
    import filelock

MAX_NAMES = 100_000
OF_CASE = "lock"
OF_LABELS = "labels.lock"  # of all cases: tags are changed while runs go on


def acquire_lock(
    folder: Path, name: str, seconds: float, file: str = OF_CASE
) -> "filelock.BaseFileLock":
    """Return a case's lock, taken; waits a moment, since others look whether it is free.

    Raises:
        CaseHeld: another process holds it.
        CaseNotFound: it was deleted or renamed, maybe while this waited.
        StorageError: the folder cannot be written.
    """
    import filelock

    require_folder(folder, name)  # else `filelock` would make it
    lock = filelock.FileLock(folder / file, thread_local=False)
    with file_errors(name):
        try:
            return lock.acquire(seconds, poll_interval=0.02).lock
        except FileNotFoundError:
            require_folder(folder, name)
            raise
        except filelock.Timeout as error:
            raise CaseHeld(
                f"{name}: another process works on it. Wait until it is done, or stop it."
            ) from error


def require_folder(folder: Path, name: str) -> None:
    """Refuse a case that is not there.

    Raises:
        CaseNotFound: there is no such case.
    """
    if not folder.is_dir():
        raise CaseNotFound(f"{name}: no such case. See: geoagent cases")  # clients read it too


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
