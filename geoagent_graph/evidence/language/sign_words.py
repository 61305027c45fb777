"""The words of each language, and which of them are common."""

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

    `keys` are sorted; the columns are those of the spelling table; `common` says of each row
    whether the word is among the commonest of its language.
    """

    languages: tuple[str, ...]
    keys: NDArray[np.uint32]
    columns: NDArray[np.uint8]
    steps: NDArray[np.uint8]
    common: NDArray[np.bool_]

    def logs(self, word: str) -> Floats | None:
        """Return log P(word | language), shape [languages]; None for one in no list."""
        rows = self._rows_of(word)
        if rows.start == rows.stop:
            return None
        logs = np.full(len(self.languages), -np.inf)
        logs[self.columns[rows]] = -WORD_STEP_NATS * self.steps[rows]
        return logs

    def is_common(self, word: str) -> bool:
        """Say whether a word is among the commonest of any language."""
        return bool(self.common[self._rows_of(word)].any())

    def _rows_of(self, word: str) -> slice:
        key = np.uint32(key_of(word))
        first, end = np.searchsorted(self.keys, key), np.searchsorted(self.keys, key, "right")
        return slice(int(first), int(end))


@cache
def word_table() -> WordTable:
    """Return the table that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "sign_words.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        languages = tuple(stored["languages"].tolist())
        keys = stored["keys"]
        common = np.unpackbits(stored["common"], count=len(keys)).astype(np.bool_)
        return WordTable(languages, keys, stored["columns"], stored["steps"], common)


def key_of(word: str) -> int:
    """Return the check sum of a word in small letters; of 600,000 some 80 share one."""
    return zlib.crc32(word.encode("utf-8"))
