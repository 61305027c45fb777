"""Which names of places are words or brands as well, and texts without names."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class NameUse:
    """What a name is besides a place.

    `word_class` is how much oftener it is written as a word than a place of its size would be, in
    half powers of ten from 0 to 4; `is_brand` says whether a brand has it.
    """

    word_class: int = 0
    is_brand: bool = False


def other_use(key: str) -> NameUse:
    """Return what a folded name is besides a place; of those that are not listed, nothing."""
    return _uses().get(key, _NOTHING)


def without_names(text: str, names: Iterable[str]) -> str:
    """Return a text without the names in it, as they are written there."""
    for name in names:
        text = text.replace(name, " ")
    return text


_NOTHING = NameUse()


@cache
def _uses() -> dict[str, NameUse]:
    path = resources.files("geoagent_graph") / "data" / "evidence" / "name_words.tsv.gz"
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {key: NameUse(int(word_class), brand == "1") for key, word_class, brand in rows}
