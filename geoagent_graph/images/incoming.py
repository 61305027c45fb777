"""Photos as other programs give them: a path below allowed folders, or base64 text."""

import base64
import binascii
import re
from dataclasses import dataclass

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.source import display_name

_DATA_URL = re.compile(r"data:[\w.+-]{1,80}/[\w.+-]{1,80};base64,", re.ASCII)


@dataclass(frozen=True, slots=True)
class IncomingPhoto:
    """A photo by its path or its bytes in base64, and what to call it."""

    path: str | None = None
    base64: str | None = None
    name: str | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is one."""
        return self.path is not None or self.base64 is not None


def read_photo(photo: IncomingPhoto, folders: AllowedFolders, max_bytes: int) -> tuple[str, bytes]:
    """Return a photo's name and bytes.

    Raises:
        InputError: there is no photo, or both a path and base64.
        PhotoError: it is outside the folders, missing, no base64, or above `max_bytes`.
    """
    if photo.path is not None and photo.base64 is not None:
        raise InputError("give photo_path or photo_base64, not both")
    if photo.path is not None:
        name, data = folders.read(photo.path, max_bytes)
        return display_name(photo.name or name), data
    if photo.base64 is not None:
        return display_name(photo.name or "photo"), _decode_base64(photo.base64, max_bytes)
    raise InputError("give a photo: photo_path or photo_base64")


def _decode_base64(text: str, max_bytes: int) -> bytes:
    head = _DATA_URL.match(text)
    body = text[head.end() :] if head else text
    if len(body) > 4 * (max_bytes // 3 + 2):
        raise PhotoError(
            f"photo_base64: longer than a file of {max_bytes / 1e6:.0f} MB. Save the photo smaller."
        )
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoError("photo_base64: is not base64. Encode the file's bytes.") from error
