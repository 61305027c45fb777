"""The page in a language: its own words translated, and the catalogue for its scripts in it."""

import functools
import json
import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Final

from geoagent_graph.render.trace_sentences import names_in_traces
from geoagent_graph.translation import (
    SOURCE_LANGUAGE,
    STORED,
    current_language,
    gettext,
    names_of_places,
    plural_forms,
    read_catalogue,
    use_language,
)

SPOKEN_ATTRIBUTES: Final = frozenset({"alt", "aria-label", "title"})
_UNSPOKEN_TAGS: Final = frozenset({"script", "style", "code", "svg"})
_VOID_TAGS: Final = frozenset({"br", "hr", "img", "input", "link", "meta"})
_SPACE: Final = re.compile(r"\s+")
_HAS_WORDS: Final = re.compile(r"[^\W\d_]{2,}")


class PageWords(HTMLParser):
    """Reads a page and writes it again with its words given to a function.

    Words are whole texts between tags, and the attributes that are read out. What stands in
    `<code>`, in a script or in an element with `translate="no"` is left as it is.
    """

    def __init__(self, say: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._say = say
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write a tag; its spoken attributes are translated."""
        is_silent = tag in _UNSPOKEN_TAGS or ("translate", "no") in attrs
        shown = "".join(
            f' {name}="{escape(self._attribute(name, value))}"' if value is not None else f" {name}"
            for name, value in attrs
        )
        self.written.append(f"<{tag}{shown}>")
        if tag not in _VOID_TAGS and (self._silent or is_silent):
            self._silent.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write a tag that is closed in itself, as those in drawings are."""
        shown = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs)
        self.written.append(f"<{tag}{shown}/>")

    def handle_endtag(self, tag: str) -> None:
        """Write the end of an element."""
        self.written.append(f"</{tag}>")
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        """Write a text, translated with its spaces kept."""
        if self._silent:
            self.written.append(data if self._silent[-1] in ("script", "style") else escape(data))
            return
        words = data.strip()
        if _HAS_WORDS.search(words):
            start = data.index(words)
            said = self._say(_SPACE.sub(" ", words))
            data = f"{data[:start]}{said}{data[start + len(words) :]}"
        self.written.append(escape(data, quote=False))

    def handle_decl(self, decl: str) -> None:
        """Write what a page begins with."""
        self.written.append(f"<!{decl}>")

    def _attribute(self, name: str, value: str) -> str:
        spoken = not self._silent and name in SPOKEN_ATTRIBUTES and _HAS_WORDS.search(value)
        return self._say(value) if spoken else value


def words_of_page(page: str) -> list[str]:
    """Return all words of a page that are to be translated, in their order."""
    found: list[str] = []

    def keep(words: str) -> str:
        found.append(words)
        return words

    reader = PageWords(keep)
    reader.feed(page)
    reader.close()
    return found


@functools.lru_cache(maxsize=16)
def page_in(tag: str, page: str) -> str:
    """Return the page in a language, with the catalogue that its scripts speak from."""
    if tag == SOURCE_LANGUAGE:
        return page
    with use_language(tag) as language:
        writer = PageWords(gettext)
        writer.feed(page)
        writer.close()
        written = "".join(writer.written)
        opened = f'<html lang="{language.tag}" dir="{language.direction}">'
        written = written.replace('<html lang="en">', opened, 1)
        return written.replace("</head>", f"{_catalogue_element()}\n</head>", 1)


def _catalogue_element() -> str:
    """Return the catalogue as a block of data, which no browser runs."""
    tag = current_language().tag
    said = read_catalogue(tag).items()
    given = {
        "plurals": plural_forms(tag),
        "messages": {words: shown for (context, words), shown in said if context is None},
        "stored": {words: shown for (context, words), shown in said if context == STORED},
        "places": names_of_places(),
        "names": names_in_traces(),
    }
    block = json.dumps(given, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="catalogue">{block}</script>'
