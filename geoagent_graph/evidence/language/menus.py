"""Lines of menus: dishes are named in the language of their cuisine wherever they are cooked."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.names.trades import names_trade
from geoagent_graph.evidence.tables import table
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

MIN_LINES_OF_MENU = 2
MAX_WORDS_OF_LINE = 5  # of a line on a menu that names no known dish
MAX_CHARS = 160
MIN_LETTERS_WITHOUT_MARKS = 5  # a shorter dish without its marks is another word


def menu_lines(lines: Sequence[Clue]) -> frozenset[str]:
    """Return the ids of lines that name dishes, and of the short lines beside two of them.

    So is the name of the restaurant, but no line with words of streets or offices.
    """
    dishes = {line.id for line in lines if names_dish(line.text)}
    if len(dishes) < MIN_LINES_OF_MENU:
        return frozenset(dishes)
    beside = {line.id for line in lines if _may_be_on_menu(line.text)}
    return frozenset(dishes | beside)


def names_dish(text: str) -> bool:
    """Say whether a text names a dish or a kind of kitchen."""
    written, folded = _dish_patterns()
    text = text[:MAX_CHARS]
    words = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    return bool(written.search(f" {words} ") or folded.search(f" {fold(text)} "))


def _may_be_on_menu(text: str) -> bool:
    return len(text.split()) <= MAX_WORDS_OF_LINE and (names_trade(text) or not words_in(text))


@cache
def _dish_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns of dishes as they are written, and of longer ones without marks."""
    entries = {entry for words in table("dishes")["words"].values() for entry in words}
    written = [_pattern_of(entry, entry.strip("*").casefold()) for entry in entries]
    folded = [
        _pattern_of(entry, key)
        for entry in entries
        if len(key := fold(entry.strip("*"))) >= MIN_LETTERS_WITHOUT_MARKS
    ]
    return re.compile("|".join(sorted(written))), re.compile("|".join(sorted(folded)))


def _pattern_of(entry: str, key: str) -> str:
    """Return the pattern of an entry as a whole word, or of what it begins or ends."""
    if entry.startswith("*") and entry.endswith("*"):
        return re.escape(key)
    start = "" if entry.startswith("*") else r"(?<![^\W_])"
    end = "" if entry.endswith("*") else r"(?![^\W_])"
    return start + re.escape(key) + end
