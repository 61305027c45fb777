"""Files on any file system of fsspec, whose failures are those of files that Python knows."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.regular_files import open_regular

if TYPE_CHECKING:
    import fsspec

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*(::|://)", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_GONE: Final = (404, 410)


def is_url(location: str) -> bool:
    """Return whether a location names its file system, as `s3://bucket/a.jpg`."""
    return _SCHEME.match(location) is not None


def is_web(location: str) -> bool:
    """Return whether a location is an address of the web, which may have a query."""
    return _WEB.match(location) is not None


@contextmanager
def file_errors(location: str) -> Iterator[None]:
    """Turn what a file system raises into an OSError; each brings exceptions of its own.

    That of the web calls a file missing whatever went wrong; here it is where the server says so.
    """
    try:
        yield
    except FileNotFoundError as error:
        reason = error.__cause__
        if is_web(location) and reason is not None and not _says_gone(reason):
            raise OSError(_words_of(reason)) from error
        raise
    except (GeoAgentError, OSError, ImportError):
        raise
    except Exception as error:
        raise OSError(_words_of(error)) from error


def find_at(location: str) -> "tuple[fsspec.AbstractFileSystem, str]":
    """Return the file system of a location, and its path there; a failure is an OSError."""
    import fsspec

    with file_errors(location):
        fs, path = fsspec.core.url_to_fs(location)
    return fs, path


def open_at(
    fs: "fsspec.AbstractFileSystem", path: str, location: str, *, read_bytes: int | None = None
) -> BinaryIO:
    """Open a file to read; whatever goes wrong then and later is an OSError.

    Args:
        fs: its file system.
        path: where it lies there.
        location: the same as a path of this machine, or a URL.
        read_bytes: how much a read takes at least, where little is wanted; None reads ahead.
    """
    if not is_url(location):
        return open_regular(Path(path))
    options = {} if read_bytes is None else {"cache_type": "none"}
    with file_errors(location):
        file = fs.open(path, "rb", **options)
    return io.BufferedReader(_RemoteFile(file, location), read_bytes or io.DEFAULT_BUFFER_SIZE)


def open_stream(location: str) -> BinaryIO:
    """Open a file to read from its beginning to its end."""
    fs, path = find_at(location)
    with file_errors(location):
        # In parts, a server that knows no ranges would send its beginning again and again.
        file = fs.open(path, "rb", **({"block_size": 0} if is_web(location) else {}))
    return io.BufferedReader(_RemoteFile(file, location))


class _RemoteFile(io.RawIOBase):
    """A file of fsspec whose failures are OSErrors."""

    def __init__(self, file: Any, location: str) -> None:
        self._file = file
        self._location = location

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        with file_errors(self._location):
            content = self._file.read(len(view))
        view[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = 0) -> int:
        with file_errors(self._location):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _says_gone(reason: BaseException) -> bool:
    """Return whether a web server answered, and that it has no such file."""
    return isinstance(reason, FileNotFoundError) or getattr(reason, "status", None) in _GONE


def _words_of(error: BaseException) -> str:
    words = [] if isinstance(error, ValueError) and str(error) else [type(error).__name__]
    return ": ".join([*words, str(error)] if str(error) else words)
