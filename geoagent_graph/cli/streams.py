"""The two streams: results on stdout, everything else on stderr."""

import contextlib
import io
import os
import sys

from geoagent_graph.errors import StorageError
from geoagent_graph.safe_text import visible


def prepare_streams() -> None:
    """Make stdout and stderr unable to fail on a character their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write_result(text: str) -> None:
    """Write a result to stdout and flush it, so that a reader gets it at once.

    Raises:
        BrokenPipeError: the reader has gone.
        StorageError: stdout cannot be written: the disk is full, it was closed, ...
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence_stdout()  # or Python tries again at its end, and complains
        raise StorageError(f"standard output: cannot be written ({error.strerror})") from error


def write_error(message: str) -> None:
    """Write one line `geoagent: error: ...` to stderr."""
    write_note(f"error: {message}")


def write_note(message: str) -> None:
    """Write one line `geoagent: ...` to stderr; a closed stderr is not an error."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(f"geoagent: {visible(message)}\n")
        sys.stderr.flush()


def silence_stdout() -> None:
    """Send what is still buffered nowhere: the reader has gone (`| head`)."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    finally:
        os.close(null)


def stdout_is_terminal() -> bool:
    """Return whether a person is looking at stdout."""
    return sys.stdout.isatty()
