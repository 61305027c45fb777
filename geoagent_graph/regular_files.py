"""Opens files from outside: regular ones alone, and no more of them than is meant.

A pipe, a device or a file without an end would hang whoever opens or reads it. Errors are those of
the system, with words for people in `strerror`, so that callers say which input it was.
"""

import errno
import io
import os
import stat
from pathlib import Path
from typing import Final, Literal, cast

Mode = Literal["rb", "r+b", "ab"]
_FLAGS: Final[dict[str, int]] = {
    "rb": os.O_RDONLY,
    "r+b": os.O_RDWR,
    "ab": os.O_WRONLY | os.O_APPEND | os.O_CREAT,
}
_ALWAYS: Final = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


def open_regular(path: Path, max_bytes: int | None = None, mode: Mode = "rb") -> io.BufferedRandom:
    """Return an open regular file; `ab` makes it where there is none.

    Args:
        path: a link counts as what it leads to.
        max_bytes: a larger one is refused; None leaves that to the reader.
        mode: as `open` takes it.

    Raises:
        OSError: it is missing, unreadable, too large, or a folder, pipe, device or socket.
    """
    if mode != "ab" or path.exists():
        # A pipe or a device may hang or act when it is opened: look before, and again after.
        _require_regular(path.stat(), path, None)
    # what it can do beyond its mode fails as with `open`
    file = cast("io.BufferedRandom", os.fdopen(os.open(path, _FLAGS[mode] | _ALWAYS, 0o666), mode))
    try:
        _require_regular(os.fstat(file.fileno()), path, max_bytes)
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        OSError: as of `open_regular`, or it holds more than `max_bytes`.
    """
    with open_regular(path, max_bytes) as file:
        data = file.read(max_bytes + 1)  # what lies in /proc has no size, and may have no end
    if len(data) > max_bytes:
        raise _too_large(path, max_bytes)
    return data


def _require_regular(found: os.stat_result, path: Path, max_bytes: int | None) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a device, pipe or socket, not a file", str(path))
    if max_bytes is not None and found.st_size > max_bytes:
        raise _too_large(path, max_bytes)


def _too_large(path: Path, max_bytes: int) -> OSError:
    size = f"{max_bytes / 1e6:.0f} MB" if max_bytes >= 1e6 else f"{max_bytes / 1e3:.0f} kB"
    return OSError(errno.EFBIG, f"it is larger than {size}", str(path))
