"""Names of brands, operators and transit networks, and where they are read in a line of text."""

import gzip
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from rapidfuzz.distance import OSA

from geoagent_graph.geo.names import fold

MAX_WORDS_OF_NAME = 6
MAX_WORDS_OF_LINE = 24
MIN_LETTERS_OF_MISREAD_NAME = 7
_ENDS_LETTERS = 3


Reading = Literal["alone", "among", "misread"]
"""A name as a line of its own, among other words, or with a letter that is another one."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A name as it is folded, and the countries it is in.

    `kind` is b (brand), o (operator) or t (transit network). `chance` says how easily it stands on
    a sign that is none of it: l a long name, s a short one, m of ordinary words, p of a place.
    """

    name: str
    kind: str
    chance: str
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrandTable:
    """Brands by name, and the longer ones by their first and their last letters."""

    by_name: dict[str, Brand]
    by_ends: dict[str, tuple[str, ...]]  # of those whose misreadings are no word


@cache
def brand_table() -> BrandTable:
    """Return the names that ship, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "brands.tsv.gz"
    brands: dict[str, Brand] = {}
    ends: dict[str, list[str]] = defaultdict(list)
    for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
        name, kind, chance, clear, countries = line.split("\t")
        brands[name] = Brand(name, kind, chance, tuple(countries.split()))
        if clear == "1" and len(name) >= MIN_LETTERS_OF_MISREAD_NAME:
            for end in ends_of(name):
                ends[end].append(name)
    return BrandTable(brands, {end: tuple(names) for end, names in ends.items()})


def brands_in(text: str) -> dict[Brand, Reading]:
    """Return the names in a line, and how each was read.

    The longest name wins where several overlap; one letter of a longer name may be misread, or
    lost, if the name stands alone in its line.
    """
    words = fold(text).split()[:MAX_WORDS_OF_LINE]
    names = brand_table().by_name
    found: dict[Brand, Reading] = {}
    first = 0
    while first < len(words):
        for count in range(min(MAX_WORDS_OF_NAME, len(words) - first), 0, -1):
            brand = names.get(" ".join(words[first : first + count]))
            if brand is not None:
                found[brand] = "alone" if count == len(words) else "among"
                first += count - 1
                break
        first += 1
    if not found and (misread := _misread_brand(" ".join(words))):
        found[misread] = "misread"
    return found


def _misread_brand(name: str) -> Brand | None:
    """Return the one name that a letter turns into the name of a whole line."""
    if len(name) < MIN_LETTERS_OF_MISREAD_NAME or any(letter.isdigit() for letter in name):
        return None
    table = brand_table()
    # a single mistake leaves the first or the last letters as they are
    candidates = {known for end in ends_of(name) for known in table.by_ends.get(end, ())}
    near = [
        known
        for known in candidates
        if abs(len(known) - len(name)) <= 1 and OSA.distance(name, known, score_cutoff=1) <= 1
    ]
    return table.by_name[near[0]] if len(near) == 1 else None


def ends_of(name: str) -> tuple[str, str]:
    """Return the first and the last letters of a name, told from each other."""
    return f"^{name[:_ENDS_LETTERS]}", f"{name[-_ENDS_LETTERS:]}$"
