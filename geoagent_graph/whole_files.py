"""Writes files that are there whole or not at all, also after a kill or a power cut.

A file is written under a temporary name in its folder, synced, and renamed into place; then the
folder is synced. The writer holds a lock on the temporary file for as long as it lives: what a
killed writer left is told from what is being written by its lock, and can be removed.
"""

import contextlib
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final

OWNER_ONLY: Final = 0o600
SHARED: Final = 0o666
"""Readable by whom the process lets read its files (its umask)."""
ENDING: Final = ".part"
MAX_ATTEMPTS: Final = 10


def replace_file(
    path: Path,
    chunks: Iterable[bytes | memoryview],
    prefix: str,
    mode: int,
    *,
    is_durable: bool = True,
) -> None:
    """Put content in the place of a file, durable when this returns.

    Args:
        path: the file; its folder must be there.
        chunks: its content.
        prefix: what names of temporary files begin with; see `remove_orphans`.
        mode: who may read the file.
        is_durable: False leaves the disk to the system: of what is checked and can be made anew.

    Raises:
        OSError: it cannot be written; a file that was there is untouched.
    """
    with contextlib.ExitStack() as closing:
        temporary, file = _new_locked_file(path.parent, prefix, mode, closing)
        file.writelines(chunks)
        file.flush()
        if is_durable:
            os.fsync(file.fileno())
        temporary.replace(path)
        if is_durable:
            sync_folder(path.parent)


def make_folders(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it, durable when this returns.

    Raises:
        OSError: one cannot be made.
    """
    if not folder.is_dir():
        make_folders(folder.parent, mode)
        folder.mkdir(mode=mode, exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where its file system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems refuse it for folders
            os.fsync(handle)
    finally:
        os.close(handle)


def remove_orphans(folder: Path, pattern: str) -> None:
    """Remove the temporary files below a folder whose writers are gone; others stay.

    A file that cannot be looked at or removed stays as well: it is only in the way.

    Args:
        folder: nothing happens where it is missing.
        pattern: as `Path.glob` takes it, of files that `replace_file` makes and of nothing else.
    """
    for path in folder.glob(pattern):
        with contextlib.suppress(OSError):
            _remove_if_orphan(path)


def _new_locked_file(
    folder: Path, prefix: str, mode: int, closing: contextlib.ExitStack
) -> tuple[Path, BinaryIO]:
    for _ in range(MAX_ATTEMPTS):
        path = folder / f"{prefix}{secrets.token_hex(8)}{ENDING}"
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        file = closing.enter_context(os.fdopen(handle, "wb"))
        closing.callback(_unlink_quietly, path)
        if _try_lock(handle) and _is_file_at(path, handle):
            return path, file  # nobody took it for an orphan before it was locked
    raise FileNotFoundError(f"{folder}: temporary files vanish from it")


def _try_lock(handle: int) -> bool:
    """Return False where somebody looks at the new file already: it may go any moment."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: nobody can look at it either
        return True
    return True


def _unlink_quietly(path: Path) -> None:
    with contextlib.suppress(OSError):  # what went wrong before is what is said
        path.unlink(missing_ok=True)


def _remove_if_orphan(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while the writer lives
        if _is_file_at(path, handle):
            path.unlink()
    finally:
        os.close(handle)


def _is_file_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False
