"""The commonest words of each language."""

import zlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.towns import Floats

WORD_STEP_NATS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """-log P(word | language) in steps, one row per word and language, by check sums of words.

    `keys` are sorted; the columns are those of the spelling table.
    """

    languages: tuple[str, ...]
    keys: NDArray[np.uint32]
    columns: NDArray[np.uint8]
    steps: NDArray[np.uint8]

    def logs(self, word: str) -> Floats | None:
        """Return log P(word | language), shape [languages]; None for one in no list."""
        key = np.uint32(key_of(word))
        first, end = np.searchsorted(self.keys, key), np.searchsorted(self.keys, key, "right")
        if first == end:
            return None
        logs = np.full(len(self.languages), -np.inf)
        logs[self.columns[first:end]] = -WORD_STEP_NATS * self.steps[first:end]
        return logs


@cache
def word_table() -> WordTable:
    """Return the table that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "sign_words.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        languages = tuple(stored["languages"].tolist())
        return WordTable(languages, stored["keys"], stored["columns"], stored["steps"])


def key_of(word: str) -> int:
    """Return the check sum of a word in small letters; of 140,000 words two share one or none."""
    return zlib.crc32(word.encode("utf-8"))
