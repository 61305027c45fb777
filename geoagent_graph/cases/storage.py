"""A case's file on its disk: where SQLite finds it, whether it was begun, errors in one line."""

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from geoagent_graph.errors import CheckpointError, InputError, StorageError

_IS_THERE = (
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'about'",
    "SELECT 1 FROM about",
)


def is_begun(path: Path) -> bool:
    """Return whether a case's file says what the case is; one that cannot be read may."""
    if not path.is_file():
        return False
    with contextlib.suppress(sqlite3.Error, OSError), contextlib.ExitStack() as closing:
        address = closing.enter_context(read_address(path))
        connection = closing.enter_context(
            contextlib.closing(sqlite3.connect(address, uri=True, timeout=0.0))
        )
        return all(connection.execute(query).fetchone() is not None for query in _IS_THERE)
    return True


def require_begun(path: Path, name: str) -> None:
    """Refuse a case of which nothing was stored: a fault or a kill came before.

    Raises:
        InputError: says what to do; its name is free.
    """
    if not is_begun(path):
        raise InputError(
            f"{name}: was never begun, nothing of it is stored. Investigate the photo again, also "
            f"with --case {name}."
        )


def write_address(path: Path) -> str:
    """Return SQLite's address of a file to be written."""
    return f"{path.as_uri()}?mode=rwc"


@contextlib.contextmanager
def read_address(path: Path) -> Iterator[str]:
    """Yield SQLite's address of a file to be read; it may lie where nothing can be written.

    SQLite writes beside a file with a log even to read it. Where it cannot, the file is read as one
    that never changes, and a copy of it where its log holds more than it does.
    """
    if os.access(path.parent, os.W_OK):
        yield f"{path.as_uri()}?mode=ro"
        return
    log = path.with_name(f"{path.name}-wal")
    if not (log.exists() and log.stat().st_size):
        yield f"{path.as_uri()}?mode=ro&immutable=1"
        return
    with tempfile.TemporaryDirectory(prefix="geoagent-") as folder:
        for file in (path, log):
            shutil.copyfile(file, Path(folder) / file.name)
        yield f"{(Path(folder) / path.name).as_uri()}?mode=ro"


@contextlib.contextmanager
def storage_errors(case: str, path: Path | None = None) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the case.

    Args:
        case: its name.
        path: its file, where the case may not be begun yet: then there is nothing to resume.

    Raises:
        StorageError: the disk is full, the folder read-only, ...
        CheckpointError: the file is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        is_new = path is not None and not is_begun(path)
        then = "investigate the photo again" if is_new else f"geoagent resume {case}"
        raise StorageError(
            f"{case}: cannot be stored or read ({error}). Free some space or check the folder, "
            f"then: {then}"
        ) from error
    except sqlite3.DatabaseError as error:
        raise CheckpointError(f"{case}: its file is damaged ({error})") from error


@contextlib.contextmanager
def file_errors(name: str) -> Iterator[None]:
    """Turn the system's errors about a case's own files into one line.

    Raises:
        StorageError: the disk is full, the folder read-only, ...
    """
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = "Free some space, then resume the case" if is_full else "Check the path"
        raise StorageError(
            f"{name}: cannot be stored or read ({error.strerror or error}). {advice}."
        ) from error
