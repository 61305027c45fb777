"""A file that one run at a time adds to: held by a lock that ends with its process."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.regular_files import open_regular, read_regular
from geoagent_graph.safe_text import visible

LOCK_TABLE: Final = Path("/proc/locks")
MAX_LOCK_TABLE_BYTES: Final = 1 << 20


@contextlib.contextmanager
def hold_file(path: Path) -> Iterator[None]:
    """Hold a file, made where it is missing, until the block ends or the process does.

    Raises:
        InputError: another run holds it; the message says which process, where the system tells.
        StorageError: it cannot be opened or locked.
    """
    shown = visible(str(path), 200)
    try:
        file = open_regular(path, mode="ab")
    except OSError as error:
        raise StorageError(f"{shown}: cannot be written ({error.strerror})") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                f"{shown}: {_holder_of(file.fileno())} adds to it. Wait until it has finished, or "
                "name another place"
            ) from error
        except OSError as error:
            raise StorageError(
                f"{shown}: cannot be locked ({error.strerror}); choose a file on another disk"
            ) from error
        yield


def _holder_of(handle: int) -> str:
    """Return which process holds the lock of an open file, as Linux lists it."""
    found = os.fstat(handle)
    wanted = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    with contextlib.suppress(OSError, ValueError):
        # a line: number, FLOCK, ADVISORY, WRITE, process, device and inode, first and last byte
        table = read_regular(LOCK_TABLE, MAX_LOCK_TABLE_BYTES).decode("ascii", "replace")
        for line in table.splitlines():
            words = line.split()
            if len(words) > 5 and words[1] == "FLOCK" and words[5] == wanted:
                process = int(words[4])
                return "this process" if process == os.getpid() else f"process {process}"
    return "another run"
