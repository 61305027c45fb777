"""Web addresses that are given where a file is expected."""

import re

from geoagent_graph.errors import PhotoError
from geoagent_graph.images.source import display_name

_ADDRESS = re.compile(r"(https?|ftps?|sftp|s3|gs|az|ipfs):/{1,2}(?=[^/])", re.IGNORECASE)


def is_web_address(text: str) -> bool:
    """Return whether a text is a web address, also as a path shortens it (`https:/host`)."""
    return _ADDRESS.match(text) is not None


def require_no_web_address(text: str) -> None:
    """Refuse a web address.

    Raises:
        PhotoError: it is one; the message has it as it was given, or with the slash that it lost.
    """
    if is_web_address(text):
        shown = display_name(_ADDRESS.sub(r"\1://", text, count=1))
        raise PhotoError(
            f"{shown}: a web address, not a file; nothing is fetched from the web. "
            "Download the photo and give the file."
        )
