"""A web page where a reply should be: what a proxy, a login or another program sends."""

import html
import re
from typing import Final

_BEGINNING: Final = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype html|html|head|body)\b", re.I
)
_TITLE: Final = re.compile(r"<(title|h1)\b[^>]{0,200}>([^<]{1,300})</\1", re.I)
_MAX_PAGE_CHARS: Final = 20_000


def words_of_page(text: str) -> str | None:
    """Return what a web page is called, as "a web page: 502 Bad Gateway"; None of another text."""
    if not _BEGINNING.match(text):
        return None
    title = _TITLE.search(text[:_MAX_PAGE_CHARS])
    words = " ".join(html.unescape(title[2]).split()) if title else ""
    return f"a web page: {words}" if words else "a web page"
