"""File names and identifiers of a list that somebody else wrote."""

import re
from pathlib import PurePosixPath
from typing import Final

MAX_NAME_CHARS: Final = 512
PICTURE_SUFFIXES: Final = frozenset(
    (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif")
)
_DRIVE: Final = re.compile(r"^[A-Za-z]:")
_ROUNDED: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+|\d{15,}\.0*")


class BadName(ValueError):
    """Why a name is refused: a clause that follows the name of its field."""


def checked_file(text: str) -> str:
    """Return the path of a picture below its folder, with forward slashes.

    Raises:
        BadName: it is empty, too long, leads out of the folder, or holds what names do not.
    """
    name = text.strip().replace("\\", "/")
    if not name:
        raise BadName("is empty")
    if len(name) > MAX_NAME_CHARS:
        raise BadName(f"has {len(name)} characters, more than {MAX_NAME_CHARS}")
    if not name.isprintable():
        raise BadName("holds a control character")
    if name.startswith(("/", "~")) or _DRIVE.match(name):
        raise BadName(f"{name[:60]!r} is an absolute path; give it below the folder of pictures")
    if ".." in name.split("/"):
        raise BadName(f"{name[:60]!r} leads out of the folder of pictures")
    return str(PurePosixPath(name))


def checked_id(text: str) -> str:
    """Return the identifier of a photo: its name without folder and without suffix of a picture.

    Raises:
        BadName: it is empty, or a number that has lost its last digits.
    """
    name = without_picture_suffix(checked_file(text).rsplit("/", 1)[-1])
    if _ROUNDED.fullmatch(name):
        raise BadName(f"{name!r} has gone through a floating-point number and lost its digits")
    return name


def without_picture_suffix(name: str) -> str:
    """Return a name without `.jpg` and the like; other dots stay."""
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and dot and f".{suffix.lower()}" in PICTURE_SUFFIXES else name
