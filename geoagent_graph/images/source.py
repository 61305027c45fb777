"""Bytes of a photo from a file or a stream, bounded, with names that are safe to show."""

import errno
import os
import stat
import unicodedata
from pathlib import Path
from typing import BinaryIO

from geoagent_graph.errors import PhotoError

MAX_NAME_CHARS = 160  # characters; longer names keep their beginning and their end
MAX_PATH_CHARS = 4096  # the same for paths by which a program finds its photo again
_CHUNK_BYTES = 1 << 20


def display_name(name: str, max_chars: int = MAX_NAME_CHARS) -> str:
    """Return a file name on one line without control, format or undecodable characters."""
    shown = "".join(_visible_character(character) for character in name)
    if len(shown) > max_chars:
        half = max_chars // 2 - 1
        shown = f"{shown[:half]}…{shown[-half:]}"
    return shown or "(no name)"


def _visible_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return f"\\u{ord(character):04x}"
    return character


def read_file(path: Path, max_bytes: int) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        PhotoError: missing, a folder, a device or pipe, unreadable, empty, or above `max_bytes`.
    """
    name = display_name(str(path))
    try:
        # A pipe or a device may hang or act when it is opened: look before, and again after.
        _require_regular(path.stat().st_mode, name)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            _require_regular(os.fstat(stream.fileno()).st_mode, name)
            return read_stream(stream, name, max_bytes)
    except OSError as error:
        raise PhotoError(f"{name}: {_reason_of(error)}") from error
    except ValueError as error:  # a NUL or a lone surrogate in the path
        raise PhotoError(f"{name}: not a valid file name. Check the path.") from error


def read_stream(stream: BinaryIO, name: str, max_bytes: int) -> bytes:
    """Return everything a stream holds, at most `max_bytes`.

    Raises:
        PhotoError: the stream is empty or holds more.
    """
    chunks: list[bytes] = []
    total_bytes = 0
    while chunk := stream.read(min(_CHUNK_BYTES, max_bytes + 1 - total_bytes)):
        chunks.append(chunk)
        total_bytes += len(chunk)
        if total_bytes > max_bytes:
            break
    data = b"".join(chunks)
    check_size(data, name, max_bytes)
    return data


def check_size(data: bytes, name: str, max_bytes: int) -> None:
    """Refuse data that is empty or above `max_bytes`.

    Raises:
        PhotoError: it is.
    """
    if not data:
        raise PhotoError(f"{display_name(name)}: the file is empty. Copy or download it again.")
    if len(data) > max_bytes:
        raise PhotoError(
            f"{display_name(name)}: larger than {max_bytes / 1e6:.0f} MB. "
            "Save it smaller, or raise GEOAGENT_MAX_BYTES."
        )


def _require_regular(mode: int, name: str) -> None:
    if stat.S_ISREG(mode):
        return
    if stat.S_ISDIR(mode):
        raise PhotoError(
            f"{name}: a folder, not a photo. Name the files in it, as in FOLDER/*.jpg."
        )
    raise PhotoError(f"{name}: a device, pipe or socket, not a file. Use `-` for standard input.")


def _reason_of(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "no such file. Check the path."
        case errno.EACCES | errno.EPERM:
            return "may not be read. Check the file's permissions."
        case errno.ENAMETOOLONG:
            return "the path is too long for this system. Move or rename the file."
        case errno.ELOOP:
            return "its links run in a circle. Give the real path."
        case _:
            return f"cannot be read ({os.strerror(error.errno or 0)}). Copy it again."
