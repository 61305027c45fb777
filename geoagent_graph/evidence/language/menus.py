"""Lines of menus: dishes are named in the language of their cuisine wherever they are cooked."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

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
    text = text[:MAX_CHARS]
    words = unicodedata.normalize("NFC", text).casefold().replace("’", "'")
    plain = fold(text)
    written, folded = _dishes()
    return any(dish.is_in(words) for dish in written) or any(dish.is_in(plain) for dish in folded)


def _may_be_on_menu(text: str) -> bool:
    return len(text.split()) <= MAX_WORDS_OF_LINE and (names_trade(text) or not words_in(text))


class _Dish(NamedTuple):
    """Letters of a dish, and whether a word must begin and end where they do."""

    letters: str
    begins: bool
    ends: bool

    def is_in(self, text: str) -> bool:
        at = text.find(self.letters)
        while at >= 0:
            end = at + len(self.letters)
            inside = (self.begins and text[at - 1 : at].isalnum()) or (
                self.ends and text[end : end + 1].isalnum()
            )
            if not inside:
                return True
            at = text.find(self.letters, at + 1)
        return False


@cache
def _dishes() -> tuple[tuple[_Dish, ...], tuple[_Dish, ...]]:
    """Return dishes as they are written, and longer ones without marks.

    No regular expressions: to compile some 900 takes longer than to look for them in a menu.
    """
    entries = {entry for words in table("dishes")["words"].values() for entry in words}
    written = tuple(_dish_of(entry, entry.strip("*").casefold()) for entry in entries)
    folded = ((entry, fold(entry.strip("*"))) for entry in entries)
    return written, tuple(
        _dish_of(entry, key) for entry, key in folded if len(key) >= MIN_LETTERS_WITHOUT_MARKS
    )


def _dish_of(entry: str, key: str) -> _Dish:
    """Return an entry as a whole word, or as what a word begins or ends with."""
    begins, ends = entry.startswith("*"), entry.endswith("*")
    return _Dish(key, not begins, not ends)
