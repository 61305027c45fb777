"""Running text: words that no sign of a place has beside its name."""

import re
from functools import cache

from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.spelling import words_of
from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.names.trades import public_words, trade_words
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.names import fold

MAX_WORDS = 24
MIN_WORDS_OF_SENTENCE = 2
_MIN_LETTERS = 3
_NUMBER = re.compile(r"\d{2}")
_ADDRESS = re.compile(r"\S*(?:@|\w\.\w)\S*")
_MIN_SMALL_LETTERS = 4
_LONG_WORDS = 3
_LONG_UNSPACED_LETTERS = 5
_MIN_WORD_LETTERS = 2
_UNSPACED_FROM = "\u0e00"


def everyday_words(text: str) -> list[str]:
    """Return the folded words of a text that are everyday words and no words of signs.

    A word is an everyday one where it is among the commonest of a language, or in small letters
    among words that are not; articles and the like stand in names too. In scripts without spaces
    only closed classes of words count.
    """
    small, words = not text.islower(), _ADDRESS.sub(" ", text).split()[:MAX_WORDS]
    known = {part for phrase in words_in(text) for part in phrase.strip("-").split()}
    found = []
    for written in words:
        for word in fold(written).split():
            if word[0] >= _UNSPACED_FROM:
                found += [part for part in _clause_parts() if part in word]
            elif word not in known and (
                _is_running(word, written, small=small)
                or (len(words) > 1 and _is_common_as_written(word, written))
            ):
                found.append(word)
    return found


def is_sentence(text: str) -> bool:
    """Say whether a line by itself is running text, so that a name beside it is no sign's.

    A line with a number is an address, a date or a telephone number.
    """
    if _NUMBER.search(text):
        return False
    return len(everyday_words(text)) >= MIN_WORDS_OF_SENTENCE


def is_as_long_as_sentence(text: str) -> bool:
    """Say whether a line has three words, or as many letters without spaces; no street has."""
    if any(letter.isdigit() for letter in text):
        return False
    if word_list("street_kinds") & {*fold(text).split()}:
        return False
    words = [word for word in text.split() if sum(map(str.isalpha, word)) >= _MIN_WORD_LETTERS]
    unspaced = sum(letter.isalpha() for letter in text if letter >= _UNSPACED_FROM)
    return len(words) >= _LONG_WORDS or unspaced >= _LONG_UNSPACED_LETTERS


def is_genitive(before: str) -> bool:
    """Say whether a text ends as an institution's name does before a place's: "Corporation of".

    None where a word is of a sentence, or a longer one in small letters.
    """
    words = before.replace("'", "' ").split()
    if len(words) < MIN_WORDS_OF_SENTENCE or fold(words[-1]) not in word_list("genitive"):
        return False
    small = word_list("connecting") | word_list("genitive")
    others = [word for word in words[:-1] if fold(word) not in small]
    return not any(word.islower() or fold(word) in word_list("clause") for word in others)


def _is_running(word: str, written: str, *, small: bool) -> bool:
    if word in _sign_words() or word in word_list("connecting"):
        return False
    if word in word_list("clause"):
        return len(word) >= _MIN_LETTERS or written[:1].islower()
    if small and written.islower() and len(word) >= _MIN_SMALL_LETTERS:
        return True
    return len(word) >= _MIN_LETTERS and word_table().is_common(word)


def _is_common_as_written(word: str, written: str) -> bool:
    """Say whether a word that folding changes is a common one: Arabic is listed with its marks."""
    if word.isascii() or word in _sign_words():
        return False
    return any(word_table().is_common(whole) for whole in words_of(written))


@cache
def _sign_words() -> frozenset[str]:
    """Return the words that stand beside names on signs: of businesses, streets, towns."""
    lists = ("town_signs", "towards", "street_kinds", "worldwide", "travel", "institutions")
    every = trade_words().union(public_words(), *(word_list(name) for name in lists))
    return frozenset(part for entry in every for part in entry.split())


@cache
def _clause_parts() -> frozenset[str]:
    return frozenset(word for word in word_list("clause") if word[:1] >= _UNSPACED_FROM)
