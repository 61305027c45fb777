"""Words of streets, shops and offices that name a language by themselves."""

import re
from functools import cache

from geoagent_graph.evidence.tables import table
from geoagent_graph.geo.names import fold

_MAX_WORDS = 40
_MAX_WORDS_OF_ENTRY = 4
_MIN_STEM_LETTERS = 3
_MAX_FOUND_WORDS = 6


def words_in(text: str) -> dict[str, tuple[str, ...]]:
    """Return the known words of a line: word as it stands in the table -> its languages."""
    whole, endings, parts = _table_of_words()
    folded = fold(text)
    words = folded.split()[:_MAX_WORDS]
    found: dict[str, tuple[str, ...]] = {}
    for first in range(len(words)):
        for count in range(_MAX_WORDS_OF_ENTRY, 0, -1):
            phrase = " ".join(words[first : first + count])
            if phrase in whole:
                found[phrase] = whole[phrase]
                break
    for word in words:
        for length in range(2, len(word) - _MIN_STEM_LETTERS + 1):
            if word[-length:] in endings:
                found.setdefault("-" + word[-length:], endings[word[-length:]])
    if not folded.isascii():
        found |= {part: languages for part, languages in parts.items() if part in folded}
    return dict(list(found.items())[:_MAX_FOUND_WORDS])


def is_street_word(key: str) -> bool:
    """Say whether a folded text is one of the words by itself."""
    return key in _table_of_words()[0]


@cache
def _table_of_words() -> tuple[dict[str, tuple[str, ...]], ...]:
    """Return (whole words, endings, parts): folded entry -> languages."""
    tables: tuple[dict[str, tuple[str, ...]], ...] = ({}, {}, {})
    for language, entries in table("street_words")["words"].items():
        for entry in entries:
            kind = 1 if entry.startswith("-") else 2 if entry.startswith("*") else 0
            key = re.sub(r"^[-*]", "", entry)
            key = fold(key)
            tables[kind][key] = tuple(dict.fromkeys((*tables[kind].get(key, ()), language)))
    return tables
