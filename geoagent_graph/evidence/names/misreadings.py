"""What a name may have been before the reader mistook or lost a letter."""

import re
from itertools import product

from geoagent_graph.geo.names import fold

_LOOK_ALIKE = (
    ("0", "o"), ("1", "l"), ("1", "i"), ("5", "s"), ("8", "b"), ("rn", "m"), ("m", "rn"),
    ("cl", "d"), ("vv", "w"), ("l", "i"), ("i", "l"), ("c", "e"), ("e", "c"), ("u", "v"),
    ("v", "u"), ("n", "h"), ("h", "n"), ("g", "q"), ("o", "a"), ("a", "o"), ("f", "t"),
    ("t", "f"), ("u", "n"), ("n", "u"), ("j", "i"), ("z", "2"), ("6", "b"), ("9", "g"),
    ("t", "l"), ("e", "o"), ("b", "h"), ("r", "n"),
)  # fmt: skip
_MAX_READINGS = 80


def misreadings(key: str) -> list[str]:
    """Return folded names that one mistaken or doubled letter turns into `key`."""
    found: dict[str, None] = {}
    for seen, meant in _LOOK_ALIKE:
        start = key.find(seen)
        while start >= 0:
            found[key[:start] + meant + key[start + len(seen) :]] = None
            start = key.find(seen, start + 1)
    for position in range(1, len(key)):
        if key[position] == key[position - 1]:
            found[key[:position] + key[position + 1 :]] = None
        else:
            found[key[:position] + key[position - 1] + key[position:]] = None
    return list(found)[:_MAX_READINGS]


_ROUND_OR_POINTED = "üøöőûűũôõóòúùů"
_MARKED = {**dict.fromkeys(_ROUND_OR_POINTED, ("u", "o")), "ł": ("l", "t"), "ţ": ("t", "l")}
_MAX_MARKED_LETTERS = 4
_LOST = "aou"
"""The letters whose marked forms readers drop: ä, å, ö, ø, ü."""

_CONSONANTS_ONLY = re.compile(r"[b-df-hj-np-tv-xz]{3,}")


def other_marks(text: str) -> list[str]:
    """Return folded names that differ from a text only in which mark a letter bears.

    Folding makes å, ä, â one letter already, as ı and í, ñ and n, ş and ș; readers also take ü for
    ø and ł for t. Without its own folding; empty when no letter bears such a mark.
    """
    letters = text.lower()
    if not any(letter in _MARKED for letter in letters):
        return []
    # where a reader loses marks, a ł may have become a plain t
    choices = {**_MARKED, "t": ("t", "l")}
    marked = [place for place, letter in enumerate(letters) if letter in choices][
        :_MAX_MARKED_LETTERS
    ]
    own = fold(text)
    found: dict[str, None] = {}
    for choice in product(*(choices[letters[place]] for place in marked)):
        spelled = list(letters)
        for place, letter in zip(marked, choice, strict=True):
            spelled[place] = letter
        found[fold("".join(spelled))] = None
    found.pop(own, None)
    return list(found)


def with_lost_letter(key: str) -> list[str]:
    """Return folded names that lose one vowel to become `key`: "kln" from "koln".

    Only runs of three consonants or more are filled, so few words have any.
    """
    found: dict[str, None] = {}
    for run in _CONSONANTS_ONLY.finditer(key):
        for place in range(run.start(), run.end() + 1):
            for vowel in _LOST:
                found[key[:place] + vowel + key[place:]] = None
    return list(found)[:_MAX_READINGS]
