"""Which photos were asked for, and what they are called."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.cli.streams import write_note
from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.file_uri import photo_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.cases.view import Pixels
    from geoagent_graph.cli.engine import Photo
    from geoagent_graph.types import ImageRef

STDIN = "-"


def read_photos(arguments: Sequence[str], max_bytes: int) -> list[Path | bytes]:
    """Return the photos that were asked for: their paths, the bytes of standard input for `-`.

    Raises:
        InputError: `-` was given twice.
        PhotoError: standard input is empty or larger than `max_bytes`, or what was given is a web
            address or a file of another machine.
    """
    _require_one_stdin(arguments)
    return [_read_stdin(max_bytes) if name == STDIN else photo_path(name) for name in arguments]


def read_photos_to_locate(arguments: Sequence[str], max_bytes: int) -> "list[Photo]":
    """Return the same, but what is no file of this machine as it is: one bad photo among others.

    Raises:
        InputError: `-` was given twice.
        PhotoError: standard input is empty or larger than `max_bytes`.
    """
    _require_one_stdin(arguments)
    return [_read_stdin(max_bytes) if name == STDIN else _path_or_text(name) for name in arguments]


def _path_or_text(name: str) -> Path | str:
    try:
        return photo_path(name)
    except PhotoError:
        return name


def _require_one_stdin(arguments: Sequence[str]) -> None:
    if list(arguments).count(STDIN) > 1:
        raise InputError("-: standard input holds one photo; give - once")


def photo_label(argument: str) -> str:
    """Return what a photo is called in messages."""
    return "standard input" if argument == STDIN else argument


def is_typing_error(argument: str) -> bool:
    """Return whether a first argument looks like a mistyped command, not like a photo."""
    return argument.isalpha() and not Path(argument).exists()


def _read_stdin(max_bytes: int) -> bytes:
    content = sys.stdin.buffer.read(max_bytes + 1)
    if not content:
        raise PhotoError("standard input: is empty; pipe a photo in")
    if len(content) > max_bytes:
        raise PhotoError(
            f"standard input: holds more than {max_bytes:,} bytes; "
            "send a smaller photo or raise GEOAGENT_MAX_BYTES"
        )
    return content


def noting_pixels(pixels: "Pixels", what_follows: str) -> "Pixels":
    """Return the same source of pixels; it says once on stderr when a photo is not at hand."""
    noted: set[str] = set()

    def pixels_or_note(image: "ImageRef", max_side: int) -> "NDArray[np.uint8]":
        try:
            return pixels(image, max_side)
        except PhotoError as error:
            if str(error) not in noted:
                noted.add(str(error))
                write_note(f"{error} {what_follows}")
            raise

    return pixels_or_note
