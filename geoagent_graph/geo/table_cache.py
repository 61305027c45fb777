"""Opens compiled tables in the cache folder, and builds them when they are missing or damaged."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import GazetteerError
from geoagent_graph.geo.table_file import Arrays, DamagedTableError, write_table
from geoagent_graph.geo.table_stamp import read_checked

if TYPE_CHECKING:
    from filelock import FileLock

Progress = Callable[[float, str], None]

_LOCK_SECONDS: Final = 300.0


def open_or_build(
    path: Path,
    manifest: dict[str, Any],
    build: Callable[[Progress], Arrays],
    progress: Progress | None,
    size_mb: int = 120,
) -> Arrays:
    """Return the arrays of a table file, built first when it is not there or not sound.

    Processes that start together wait for the one that builds. A sound table in a folder that
    cannot be written is used as it is. `size_mb` is the room that the table wants, for messages.

    Raises:
        GazetteerError: the table must be built and the folder cannot be written.
    """
    report: Progress = progress or (lambda _share, _text: None)
    try:
        return read_checked(path, manifest)
    except DamagedTableError as error:
        if path.exists():
            report(0.0, f"{error}; building it again")
    try:
        return _build_locked(path, manifest, build, report)
    except OSError as error:
        reason = error.strerror or str(error)
        raise GazetteerError(
            f"cannot write the place table to {path.parent}: {reason}. "
            f"Set GEOAGENT_CACHE_DIR to a folder with {size_mb} MB that can be written."
        ) from error


def _acquire_lock(lock: "FileLock", report: Progress) -> AbstractContextManager[object]:
    """Return the lock, held; says so when another process must be waited for."""
    from filelock import Timeout

    try:
        return lock.acquire(timeout=0)
    except Timeout:
        report(0.0, "waiting for another process that builds the place table")
        return lock.acquire(timeout=_LOCK_SECONDS)


def _build_locked(
    path: Path,
    manifest: dict[str, Any],
    build: Callable[[Progress], Arrays],
    report: Progress,
) -> Arrays:
    """Build the table unless another process does so meanwhile.

    Raises:
        OSError: the folder cannot be written.
        GazetteerError: another process held the lock for minutes.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    try:
        with _acquire_lock(lock, report):
            try:
                return read_checked(path, manifest)
            except DamagedTableError:
                write_table(path, build(report), manifest)
            return read_checked(path, manifest)
    except Timeout as error:
        raise GazetteerError(
            f"another process has been building {path} for {_LOCK_SECONDS:.0f} s. "
            "End it, or set GEOAGENT_CACHE_DIR to another folder."
        ) from error
    except DamagedTableError as error:
        raise GazetteerError(
            f"{error} right after it was written. Check the disk, or set GEOAGENT_CACHE_DIR."
        ) from error
