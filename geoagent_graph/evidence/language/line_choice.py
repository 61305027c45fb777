"""Which lines of a photo tell languages: each sign once, in the script that the others bear out."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from rapidfuzz.fuzz import ratio

from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.ocr_confidence import letter_count
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.viewer_text import same_block
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

TO_VIEWER = "to_viewer"
"""The attribute of lines that are addressed to the viewer of the photo."""

_MAX_SHIRT_DIGITS = 2
_MAX_WORDS_OF_PLAYER = 2
_HAN = frozenset({"Hani", "Hans", "Hant", "Jpan"})


def distinct_lines(lines: Sequence[Clue]) -> list[Clue]:
    """Return the lines without those that read what another one reads: the first of each stays.

    A sign of which the reader sees a part twice, or with a letter mistaken, is one sign.
    """
    least = 100 * parameters().language.same_line
    kept: list[tuple[str, Clue]] = []
    for line in lines:
        key = fold(line.text)
        if not any(key in other or ratio(key, other) >= least for other, _ in kept):
            kept.append((key, line))
    return [line for _, line in kept]


def names_on_shirts(lines: Sequence[Clue]) -> frozenset[str]:
    """Return the ids of names that a shirt has beside its number: players come from anywhere.

    A word or two in Latin capitals, no words of signs, right above or below a number of two digits.
    """
    found = set()
    for line, other in pairwise(lines):
        for name, number in ((line, other), (other, line)):
            if _is_shirt_number(number.text) and _may_be_player(name) and same_block(name, number):
                found.add(name.id)
    return frozenset(found)


def _is_shirt_number(text: str) -> bool:
    return len(text) <= _MAX_SHIRT_DIGITS and text.isdecimal()


def _may_be_player(line: Clue) -> bool:
    words = line.text.split()
    return (
        line.attributes.get("script") == "Latn"
        and line.text.isupper()
        and len(words) <= _MAX_WORDS_OF_PLAYER
        and not words_in(line.text)
    )


def settle_scripts(lines: Sequence[Clue]) -> list[Clue]:
    """Return the lines without scripts that the other lines speak against.

    A few letters in a script that no other line has are what a reader makes of anything; a line of
    simplified Han letters among more of traditional ones is Han of no kind.
    """
    letters: Counter[str] = Counter()
    for line in lines:
        letters[_group_of(line)] += letter_count(line)
    kept = [line for line in lines if not _is_stray(line, lines, letters)]
    simplified, traditional = (
        sum(line.attributes["script"] == script for line in kept) for script in ("Hans", "Hant")
    )
    if simplified and traditional > simplified:
        return [_without_kind(line) for line in kept]
    return kept


def is_written_in_japan(text: str) -> bool:
    """Say whether Japan writes every Han letter of a text that simplified Chinese does not have."""
    known = _traditional_in_japan()
    return all(letter in known for letter in text if _is_traditional(letter))


def _is_traditional(letter: str) -> bool:
    """Say whether simplified Chinese lacks a Han letter that traditional Chinese has."""
    return (
        _is_encodable(letter, "big5") and letter.isalpha() and not _is_encodable(letter, "gb2312")
    )


def _is_encodable(letter: str, codec: str) -> bool:
    try:
        letter.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _group_of(line: Clue) -> str:
    script = line.attributes["script"]
    return "Han" if script in _HAN else script


def _is_stray(line: Clue, lines: Sequence[Clue], letters: Counter[str]) -> bool:
    """Say whether a line is all there is in its script, a few letters beside more of another.

    A word of signs is none by chance, nor are words to the viewer, nor short lines in two scripts:
    that is a board in many.
    """
    most, group = parameters().language.most_stray_letters, _group_of(line)
    if group == "Latn" or letters[group] > most:
        return False
    few = [name for name, count in letters.items() if name != "Latn" and count <= most]
    if len(few) > 1 or TO_VIEWER in line.attributes or words_in(line.text):
        return False
    return any(_group_of(other) != group and letter_count(other) > most for other in lines)


def _without_kind(line: Clue) -> Clue:
    if line.attributes["script"] != "Hans":
        return line
    return line.model_copy(update={"attributes": {**line.attributes, "script": "Hani"}})


@cache
def _traditional_in_japan() -> frozenset[str]:
    return frozenset(table("letters")["traditional_in_japan"])
