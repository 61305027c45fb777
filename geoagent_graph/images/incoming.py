"""Photos as other programs give them: a path below allowed folders, or base64 text."""

import binascii
import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.images.allowed import AllowedFolders
from geoagent_graph.images.source import display_name

MAX_DATA_URI_HEAD_CHARS = 300
_DATA_URI = re.compile(rf"\s*data:([^,]{{0,{MAX_DATA_URI_HEAD_CHARS}}}),", re.IGNORECASE)
_URL_SAFE = str.maketrans("-_", "+/")
_NO_SPACE = str.maketrans("", "", " \t\r\n\f\v\ufeff")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")


@dataclass(frozen=True, slots=True)
class IncomingPhoto:
    """A photo by its path (or `file:` URI) or its bytes in base64, and what to call it."""

    path: str | os.PathLike[str] | None = None
    base64: str | bytes | None = None
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
        name, data = folders.read(os.fspath(photo.path), max_bytes)
        return display_name(photo.name or name), data
    if photo.base64 is not None:
        text = photo.base64
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        read = decode_data_uri if is_data_uri(text) else _decode_base64
        return display_name(photo.name or "photo"), read(text, "photo_base64", max_bytes)
    raise InputError("give a photo: photo_path or photo_base64")


def is_data_uri(text: str) -> bool:
    """Return whether a text is a `data:` URI."""
    return _DATA_URI.match(text) is not None


def decode_data_uri(text: str, called: str, max_bytes: int) -> bytes:
    """Return what a `data:` URI holds, in base64 or percent escapes.

    Raises:
        PhotoError: it is neither, or holds more than `max_bytes`.
    """
    head = _DATA_URI.match(text)
    if head is None:
        raise PhotoError(f"{called}: is no data: URI")
    body = text[head.end() :]
    if head[1].casefold().split(";")[-1].strip() != "base64":
        _check_length(len(body), 3 * max_bytes, called, max_bytes)
        return unquote_to_bytes(body)
    return _decode_base64(unquote(body) if "%" in body else body, called, max_bytes)


def _decode_base64(text: str, called: str, max_bytes: int) -> bytes:
    """Return the bytes behind base64 of either alphabet, with or without line breaks and padding.

    `base64`, MIME and PEM break lines, JSON Web Tokens and URLs use `-` and `_` and no padding.
    """
    body = text.translate(_NO_SPACE).rstrip("=").translate(_URL_SAFE)
    _check_length(len(body), 4 * (max_bytes // 3 + 2), called, max_bytes)
    if (foreign := _FOREIGN.search(body)) is not None:
        raise PhotoError(
            f"{called}: is not base64, it holds {foreign[0]!r} as character {foreign.start() + 1}. "
            "Encode the file's bytes."
        )
    data = binascii.a2b_base64(body + "=" * (-len(body) % 4)) if len(body) % 4 != 1 else b""
    if len(body) % 4 == 1 or not body.endswith(_encode_tail(data)):
        raise PhotoError(f"{called}: is not base64, or was cut off. Encode the file's bytes.")
    return data


def _encode_tail(data: bytes) -> str:
    """Return the last letters of the base64 of data, after its last whole three bytes.

    Their spare bits are 0; where those of a text are not, more of it followed.
    """
    return binascii.b2a_base64(data[len(data) - len(data) % 3 :]).decode().rstrip("=\n")


def _check_length(chars: int, max_chars: int, called: str, max_bytes: int) -> None:
    if chars > max_chars:
        raise PhotoError(
            f"{called}: longer than a file of {max_bytes / 1e6:.0f} MB. Save the photo smaller."
        )
