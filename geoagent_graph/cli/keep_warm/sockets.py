"""Where helpers listen: sockets in a folder of the user's own, and who is at the other end."""

import os
import socket
import stat
import struct
import warnings
from pathlib import Path
from typing import Final

import platformdirs

ENDING: Final = ".sock"
_PREFIX: Final = "warm-"
_CREDENTIALS: Final = struct.Struct("3i")  # process, user, group, as Linux tells them


def can_keep_warm() -> bool:
    """Say whether this system tells who is at the other end of a socket, and ends of processes."""
    return hasattr(socket, "SO_PEERCRED") and hasattr(os, "pidfd_open")


def runtime_folder() -> Path:
    """Return the folder of this user's helpers, made where it is missing; nobody else may enter.

    Raises:
        OSError: it cannot be made, or it is a link, another user's, or open to others.
    """
    with warnings.catch_warnings():
        # where a session has no folder of its own, platformdirs warns and takes one under /tmp
        warnings.simplefilter("ignore", UserWarning)
        folder = Path(platformdirs.user_runtime_dir("geoagent-graph"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    is_own = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    if not is_own or status.st_mode & 0o077:
        raise PermissionError(f"{folder}: is not a folder of this user alone")
    return folder


def socket_at(folder: Path, name: str) -> Path:
    """Return where the helper of these surroundings listens."""
    return folder / f"{_PREFIX}{name}{ENDING}"


def all_sockets(folder: Path) -> list[Path]:
    """Return the sockets of all helpers, also of those that have ended without removing theirs."""
    return sorted(folder.glob(f"{_PREFIX}*{ENDING}"))


def connect_to(path: Path, seconds: float = 1.0) -> socket.socket | None:
    """Return a connection to a helper of this user; None where none listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        connection.connect(str(path))
        if user_of(connection) == os.getuid():
            return connection
    except OSError:
        pass  # nobody listens: it has ended, or never was there
    connection.close()
    return None


def process_of(connection: socket.socket) -> int:
    """Return the process at the other end, as the system knows it."""
    return _credentials_of(connection)[0]


def user_of(connection: socket.socket) -> int:
    """Return the user at the other end, as the system knows it."""
    return _credentials_of(connection)[1]


def _credentials_of(connection: socket.socket) -> tuple[int, int, int]:
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, group = _CREDENTIALS.unpack(told)
    return process, user, group
