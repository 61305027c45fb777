"""`file:` URIs, as programs name the files of this machine."""

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.source import display_name
from geoagent_graph.images.web_address import require_no_web_address

# `file:///a`, `file://localhost/a`, `file:/a`; one slash is also what a `Path` leaves of three.
_LOCAL: Final = re.compile(r"file:(?://(?:localhost)?)?(?=/)", re.IGNORECASE)
_LOCAL_IN_PATH: Final = re.compile(r"file:/localhost(?=/)", re.IGNORECASE)
_ANY: Final = re.compile(r"file:/", re.IGNORECASE)


def local_path(text: str) -> str:
    """Return the path that a `file:` URI of this machine names; any other text as it is.

    Escapes stand for bytes, as in RFC 8089; `#` and `?` without an escape are part of the name,
    because programs forget to escape them and a file has no fragment.
    """
    head = _LOCAL_IN_PATH.match(text) or _LOCAL.match(text)
    if head is None or text[head.end() :].startswith("//"):
        return text
    try:
        return os.fsdecode(unquote_to_bytes(text[head.end() :]))
    except UnicodeEncodeError:  # a lone surrogate: no path either
        return text


def photo_path(text: str) -> Path:
    """Return the path that a text names, itself or in a `file:` URI.

    Raises:
        PhotoError: it is a web address, or the URI names a file of another machine.
    """
    require_no_web_address(text)
    path = local_path(text)
    if path == text and _ANY.match(text):
        raise PhotoError(
            f"{display_name(text)}: a file of another machine, not of this one. "
            "Copy it here, or give the path where it is mounted."
        )
    return Path(path)
