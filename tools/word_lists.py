"""Reads the word lists of an unpacked `wordfreq` wheel (Apache-2.0, data CC BY-SA 4.0)."""

import gzip
from pathlib import Path

import ormsgpack


def read_word_lists(folder: Path) -> dict[str, dict[str, float]]:
    """Return language -> word -> share of all words, of the lists of words once in a million.

    `folder` is `wordfreq/data`. In a list the n-th group has the words of 10 ** (-n / 100).
    """
    lists = {}
    for path in sorted(folder.glob("small_*.msgpack.gz")):
        _, *groups = ormsgpack.unpackb(gzip.decompress(path.read_bytes()))
        language = path.name.removeprefix("small_").removesuffix(".msgpack.gz")
        lists[language] = {
            word: 10 ** (-number / 100) for number, group in enumerate(groups) for word in group
        }
    return lists
