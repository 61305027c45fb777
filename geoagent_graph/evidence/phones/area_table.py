"""What libphonenumber says of the area of each prefix, compiled: its own tables take 0.7 s."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

MAX_PREFIX_DIGITS = 9
_TO_LENGTHS = 10


@dataclass(frozen=True, slots=True, eq=False)
class AreaTable:
    """The prefixes, calling code and first digits, and the description of each.

    `keys` are those of `keys_of`, ascending; `texts` says which of `descriptions` each has.
    `version` is that of the package `phonenumbers` it was compiled from.
    """

    version: str
    keys: NDArray[np.int64]
    texts: NDArray[np.uint16]
    descriptions: tuple[str, ...]

    def longest_prefix(self, digits: str) -> tuple[str, str] | None:
        """Return (prefix, description) of the longest known one of a number; None without any."""
        for length in range(min(len(digits), MAX_PREFIX_DIGITS), 0, -1):
            key = key_of(digits[:length])
            row = int(np.searchsorted(self.keys, key))
            if row < len(self.keys) and self.keys[row] == key:
                return digits[:length], self.descriptions[self.texts[row]]
        return None

    def of_code(self, calling_code: str) -> Iterator[tuple[str, str]]:
        """Yield (prefix, description) of what begins with a calling code, sorted."""
        first = _start_of(calling_code)
        end = first + _start_of("1") // 10 ** (len(calling_code) - 1)
        rows = slice(*np.searchsorted(self.keys, (first, end)).tolist())
        for key, text in zip(self.keys[rows].tolist(), self.texts[rows].tolist(), strict=True):
            padded, length = divmod(key, _TO_LENGTHS)
            yield str(padded)[:length], self.descriptions[text]


def key_of(prefix: str) -> int:
    """Return a number that sorts as the prefix does: its digits filled up, then how many it has."""
    return _start_of(prefix) + len(prefix)


def _start_of(digits: str) -> int:
    return int(digits.ljust(MAX_PREFIX_DIGITS, "0")) * _TO_LENGTHS


@cache
def area_table() -> AreaTable:
    """Return the table that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "phone_areas.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return AreaTable(
            str(stored["version"]),
            np.cumsum(stored["steps"], dtype=np.int64),
            stored["texts"],
            tuple(stored["descriptions"].tobytes().decode("utf-8").split("\n")),
        )
