"""Names of brands, operators and transit networks, and where they are read in a line of text."""

import gzip
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Literal

from rapidfuzz.distance import OSA

from geoagent_graph.geo.names import fold

MAX_WORDS_OF_NAME = 6
MAX_WORDS_OF_LINE = 24
MIN_LETTERS_OF_MISREAD_NAME = 7
_ENDS_LETTERS = 3
_CLEAR_AT = len("b\tl\t")  # in a row: whether misreadings of the name are no word


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


@dataclass(frozen=True)
class BrandTable:
    """Brands by name, and the longer ones by their first and their last letters."""

    rows: dict[str, str]  # by name: what its line in the file goes on with

    def get(self, name: str) -> Brand | None:
        """Return the brand of a folded name; None where there is none."""
        row = self.rows.get(name)
        if row is None:
            return None
        kind, chance, _, countries = row.split("\t")
        return Brand(name, kind, chance, tuple(countries.split()))

    @cached_property
    def by_name(self) -> dict[str, Brand]:
        """All brands; a photo asks for a few."""
        return {name: brand for name in self.rows if (brand := self.get(name)) is not None}

    @cached_property
    def _long_names(self) -> dict[int, list[str]]:
        """The names whose misreadings are no word, by their number of letters."""
        found: dict[int, list[str]] = defaultdict(list)
        for name, row in self.rows.items():
            if len(name) >= MIN_LETTERS_OF_MISREAD_NAME and row.startswith("1", _CLEAR_AT):
                found[len(name)].append(name)
        return found

    def long_names(self, ends: tuple[str, str], letters: int) -> tuple[str, ...]:
        """Return the names of so many letters that begin or end as told, that may be misread."""
        known = self._by_ends.get(letters)
        if known is None:
            known = defaultdict(list)
            for name in self._long_names.get(letters, ()):
                for end in ends_of(name):
                    known[end].append(name)
            self._by_ends[letters] = known
        return tuple(dict.fromkeys(name for end in ends for name in known.get(end, ())))

    @cached_property
    def _by_ends(self) -> dict[int, dict[str, list[str]]]:
        return {}


@cache
def brand_table() -> BrandTable:
    """Return the names that ship, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "brands.tsv.gz"
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    parts = (line.partition("\t") for line in lines)
    return BrandTable({name: rest for name, _, rest in parts})


def brands_in(text: str) -> dict[Brand, Reading]:
    """Return the names in a line, and how each was read.

    The longest name wins where several overlap; one letter of a longer name may be misread, or
    lost, if the name stands alone in its line.
    """
    words = fold(text).split()[:MAX_WORDS_OF_LINE]
    brands = brand_table()
    found: dict[Brand, Reading] = {}
    first = 0
    while first < len(words):
        for count in range(min(MAX_WORDS_OF_NAME, len(words) - first), 0, -1):
            brand = brands.get(" ".join(words[first : first + count]))
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
    near = [
        known
        for letters in (len(name) - 1, len(name), len(name) + 1)
        for known in table.long_names(ends_of(name), letters)
        if OSA.distance(name, known, score_cutoff=1) <= 1
    ]
    return table.get(near[0]) if len(near) == 1 else None


def ends_of(name: str) -> tuple[str, str]:
    """Return the first and the last letters of a name, told from each other."""
    return f"^{name[:_ENDS_LETTERS]}", f"{name[-_ENDS_LETTERS:]}$"
