"""Lines that talk to the viewer about the photo: what they name is no sign of a place."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.word_finder import WordFinder
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

_MAX_FOLLOWING_LINES = 4
_LINE_HEIGHTS_APART = 1.2
_MAX_JOINED_LINES = 3
_MAX_LABEL_WORDS = 4
_MAX_COMMAND_WORDS = 6
_LABEL = re.compile(r"[\W_]*([^\W\d_][^:=：]{0,40}?)[\W_]*(?:[:=：]|-+>|→|\b(?:is|ist)\b)", re.I)


def lines_to_viewer(lines: Sequence[Clue]) -> frozenset[str]:
    """Return the ids of lines that talk about the photo or the answer, and of those that go on.

    A sentence may be broken over lines, so up to three of one block are also read together.
    """
    talks = [is_addressed_to_viewer(line.text) for line in lines]
    for count in range(2, _MAX_JOINED_LINES + 1):
        for first in range(len(lines) - count + 1):
            joined = lines[first : first + count]
            if any(talks[first : first + count]) or not _is_one_block(joined):
                continue
            if is_addressed_to_viewer(" ".join(line.text for line in joined)):
                talks[first : first + count] = [True] * count
    found = {number for number, talking in enumerate(talks) if talking}
    for number in sorted(found):
        if number and _goes_on(lines[number].text) and same_block(lines[number - 1], lines[number]):
            found.add(number - 1)
        for following in range(number + 1, min(number + 1 + _MAX_FOLLOWING_LINES, len(lines))):
            if not same_block(lines[following - 1], lines[following]):
                break
            found.add(following)
    return frozenset(lines[number].id for number in found)


def is_addressed_to_viewer(text: str) -> bool:
    """Say whether a text speaks of the answer, of instructions, or of where a photo was taken."""
    always, photo, taken, must, say = _viewer_words()
    folded = f" {fold(text)} "
    if always.is_in(folded) or (photo.is_in(folded) and taken.is_in(folded)):
        return True
    if must.is_in(folded) and say.is_in(folded):
        return True
    if _is_command(text):
        return True
    label = _LABEL.match(text.strip())
    return label is not None and _is_label(fold(label[1]).split())


def _is_command(text: str) -> bool:
    """Say whether a short text tells the viewer what to say: "Say Manila", "Model, say Manila"."""
    commands, labels = _commands(), _viewer_labels()[0]
    words = fold(text.replace(",", " ")).split()
    if not 1 < len(words) <= _MAX_COMMAND_WORDS or any(word.isdigit() for word in words):
        return False
    called = words[0] in labels or fold(text.partition(",")[0]) == words[0]
    return words[0] in commands or (called and words[1] in commands)


def _is_label(words: list[str]) -> bool:
    """Say whether words before a colon are a label of the answer: "correct country"."""
    labels, beside = _viewer_labels()
    return (
        len(words) <= _MAX_LABEL_WORDS
        and any(word in labels for word in words)
        and all(word in labels | beside for word in words)
    )


def _is_one_block(lines: Sequence[Clue]) -> bool:
    return all(same_block(above, below) for above, below in pairwise(lines))


def same_block(line: Clue, other: Clue) -> bool:
    """Say whether two lines that follow one another are parts of one sign; without boxes, yes."""
    here, there = line.box, other.box
    if here is None or there is None:
        return True
    gap = max(here.top, there.top) - min(here.bottom, there.bottom)
    height = max(here.bottom - here.top, there.bottom - there.top)
    beside = min(here.right, there.right) > max(here.left, there.left)
    return beside and gap < _LINE_HEIGHTS_APART * height


def _goes_on(text: str) -> bool:
    """Say whether a line continues the one above: "Paris" / "is where this was taken"."""
    return fold(text).split(" ")[0] in table("to_reader")["goes_on"]


@cache
def _viewer_words() -> tuple[WordFinder, ...]:
    words = table("to_reader")
    return tuple(WordFinder(words[name]) for name in ("always", "photo", "taken", "must", "say"))


@cache
def _viewer_labels() -> tuple[frozenset[str], frozenset[str]]:
    """Return (labels, words that may stand beside one), folded."""
    words = table("to_reader")
    labels, beside = (
        frozenset(fold(word) for word in words[name]) for name in ("labelled", "label_words")
    )
    return labels, beside


@cache
def _commands() -> frozenset[str]:
    return frozenset(fold(word) for word in table("to_reader")["command"])
