"""Businesses that bear names of elsewhere: which words of a line name one."""

import gzip
from functools import cache
from importlib import resources
from itertools import pairwise

from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.names import fold

_MAX_WORDS = 24
_MIN_END_LETTERS = 5
_UNSPACED_FROM = "\u0e00"


def names_trade(text: str) -> bool:
    """Say whether a line names a bakery, a hotel, a salon or another kind of business.

    By a word or two, or by the end of a longer word: "Schlossbäckerei", 東京食堂.
    """
    trades = trade_words()
    words = fold(text).split()[:_MAX_WORDS]
    pairs = {" ".join(pair) for pair in pairwise(words)}
    return bool(trades & (set(words) | pairs)) or any(_ends_with_trade(word) for word in words)


def _ends_with_trade(word: str) -> bool:
    least = 2 if word[0] >= _UNSPACED_FROM else _MIN_END_LETTERS
    return any(word[start:] in trade_words() for start in range(1, len(word) - least + 1))


@cache
def trade_words() -> frozenset[str]:
    """Return the folded words for businesses, of one word or two, read once."""
    return _compiled_words("trade_words") | word_list("trade") | word_list("travel")


@cache
def public_words() -> frozenset[str]:
    """Return the folded words for libraries, stations, museums: on their signs stands the town."""
    return _compiled_words("public_words")


@cache
def shop_brands() -> frozenset[str]:
    """Return the folded names of brands of shops and of what they sell, of one country or many."""
    return _compiled_words("shop_brands")


def _compiled_words(name: str) -> frozenset[str]:
    path = resources.files("geoagent_graph") / "data" / "evidence" / f"{name}.txt.gz"
    return frozenset(gzip.decompress(path.read_bytes()).decode("utf-8").split("\n"))
