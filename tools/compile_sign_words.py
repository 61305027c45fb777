"""Compiles how words of signs are spelled in each language.

    python -m tools.compile_sign_words TAGGING_SCHEMA WORD_LISTS

TAGGING_SCHEMA is the unpacked npm package `@openstreetmap/id-tagging-schema` (ISC): names of shops,
offices, roads and the like in some 60 languages. WORD_LISTS is `wordfreq/data` of the unpacked
wheel of `wordfreq` (Apache-2.0, lists CC BY-SA 4.0). Writes into `geoagent_graph/data/evidence`
`sign_spelling.npz`: `languages`; `grams`, three letters each, with ^ and $ at the ends of words;
`steps` [grams, languages], -log P(third letter | the two before, language) in steps of `STEP_NATS`;
and `sign_words.npz`: `keys`, check sums of the words of the lists, sorted, one per language;
`columns`, which language; `steps`, -log P(word | language); `common`, a bit each, whether the word
is one of the commonest `MAX_COMMON_WORDS`; words of a letter or two are listed too, which are
no part of the sum of 1. Every fifth kind of shop is held out, for
`benchmarks/check_spelling.py`. Serbian in Cyrillic letters is that in Latin ones, rewritten.
"""

import argparse
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from geoagent_graph.evidence import tables
from geoagent_graph.evidence.language.sign_words import WORD_STEP_NATS, key_of
from geoagent_graph.evidence.language.spelling import (
    SCRIPTS,
    STEP_NATS,
    letters_of,
    words_of,
)
from geoagent_graph.perception.script import script_of
from tools.word_lists import read_word_lists

FOLDER = Path(tables.__file__).parents[1] / "data" / "evidence"
MAX_SPELLED_WORDS = 5000
MAX_LISTED_WORDS = 24_000
MAX_COMMON_WORDS = 4000
MAX_SHORT_WORDS = 150
FLATTEN = 0.6
TRADE_SHARE = 0.5
STRIPPED_SHARE = 0.25
MIN_GRAM_SHARE = 1e-4
ORDERS = (0.62, 0.28, 0.09, 0.01)  # three letters, two, one, any
ALPHABET = 60
HELD_OUT = 5
MIN_TRADE_WORDS = 100
ON_SIGNS = ("shop", "amenity", "office", "craft", "tourism", "leisure", "healthcare", "highway")
CODES = {"nb": "no", "sh": "hr", "tl": "fil", "be@tarask": "be"}
LEFT_OUT = frozenset({"ast", "br", "eo", "zh", "ja", "ko"})
_CYRILLIC = str.maketrans("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш")


def trade_names(schema: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield (language, name, whether it is held out) of every kind of shop, office and road."""
    for path in sorted((schema / "dist/translations").glob("*.min.json")):
        for code, content in json.loads(path.read_text("utf-8")).items():
            language = CODES.get(code, code.split("-")[0])
            presets = content.get("presets", {}).get("presets", {})
            for number, (kind, preset) in enumerate(sorted(presets.items())):
                if kind.split("/")[0] in ON_SIGNS and preset.get("name"):
                    yield language, preset["name"], number % HELD_OUT == 0


def word_shares(schema: Path, folder: Path, most: int) -> dict[str, dict[str, float]]:
    """Return language -> word -> P(word), half of running text and half of names of trades.

    Of running text the `most` commonest words.
    """
    trades: dict[str, Counter[str]] = defaultdict(Counter)
    for language, name, held_out in trade_names(schema):
        if not held_out:
            trades[language].update(words_of(name))
    lists = {CODES.get(code, code): words for code, words in read_word_lists(folder).items()}
    lists["sr"] = {in_cyrillic(word): share for word, share in lists["hr"].items()}
    shares: dict[str, dict[str, float]] = {}
    for language in sorted({*trades, *lists}):
        running = running_shares(lists.get(language, {}), most)
        counts = {word: count**FLATTEN for word, count in trades[language].items()}
        total = sum(counts.values())
        if language in LEFT_OUT or (total < MIN_TRADE_WORDS and not running):
            continue
        part = TRADE_SHARE if running and counts else float(bool(counts))
        mixed: dict[str, float] = defaultdict(float)
        for word, weight in counts.items():
            mixed[word] += part * weight / total
        for word, share in running.items():
            mixed[word] += (1 - part) * share
        shares[language] = dict(mixed)
    return shares


def running_shares(words: dict[str, float], most: int) -> dict[str, float]:
    """Return the commonest words of two letters and more, flattened, summing to 1."""
    found = {word: share**FLATTEN for word, share in words.items() if words_of(word) == [word]}
    best = sorted(found, key=lambda word: -found[word])[:most]
    total = sum(found[word] for word in best)
    return {word: found[word] / total for word in best}


def in_cyrillic(word: str) -> str:
    """Return a Serbian word of Latin letters in Cyrillic ones."""
    for latin, cyrillic in (("lj", "љ"), ("nj", "њ"), ("dž", "џ")):
        word = word.replace(latin, cyrillic)
    return word.translate(_CYRILLIC)


def without_marks(word: str) -> str:
    """Return a word as a reader sees it that drops accents."""
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))


def spelled(shares: dict[str, float]) -> dict[str, float]:
    """Return the words with a share of them without accents."""
    found: dict[str, float] = defaultdict(float)
    for word, share in shares.items():
        found[word] += (1 - STRIPPED_SHARE) * share
        found[without_marks(word)] += STRIPPED_SHARE * share
    return found


def gram_logs(shares: dict[str, float], grams: list[str]) -> np.ndarray:
    """Return log P(third letter | two before) of the grams, of interpolated counts."""
    counts: list[dict[str, float]] = [defaultdict(float) for _ in range(4)]
    for word, share in shares.items():
        text = letters_of(word)
        for end in range(2, len(text)):
            for order in range(3):
                counts[order][text[end - 2 + order : end + 1]] += share
            counts[3][text[end - 2 : end]] += share
            counts[3][text[end - 1 : end]] += share
            counts[3][""] += share

    def probability(gram: str) -> float:
        found = ORDERS[3] / ALPHABET
        for order in range(3):
            before = counts[3][gram[order:2]]
            if before:
                found += ORDERS[order] * counts[order][gram[order:]] / before
        return found

    return np.log([probability(gram) for gram in grams])


def write_spelling(shares: dict[str, dict[str, float]]) -> None:
    """Write how likely letters follow one another."""
    weights: Counter[str] = Counter()
    for words in shares.values():
        for word, share in words.items():
            text = letters_of(word)
            weights.update({text[end - 2 : end + 1]: share for end in range(2, len(text))})
    grams = sorted(gram for gram, weight in weights.items() if weight >= MIN_GRAM_SHARE)
    logs = np.stack([gram_logs(words, grams) for words in shares.values()], axis=1)
    np.savez_compressed(
        FOLDER / "sign_spelling.npz",
        languages=np.array(list(shares)),
        grams=np.frombuffer("".join(grams).encode(), dtype=np.uint8),
        steps=np.minimum(np.round(-logs / STEP_NATS), 255).astype(np.uint8),
    )
    print(f"{len(shares)} languages, {len(grams)} groups of letters")


def write_words(
    listed: dict[str, dict[str, float]],
    spelled: dict[str, dict[str, float]],
    short: dict[str, dict[str, float]],
) -> None:
    """Write the words of each language's list, as check sums."""
    common = {
        (key_of(word), column)
        for column, words in enumerate(spelled.values())
        for word in commonest(words, MAX_COMMON_WORDS)
    }
    rows = sorted(
        (key_of(word), column, share)
        for column, (language, words) in enumerate(listed.items())
        for word, share in (
            *((word, words[word]) for word in commonest(words, MAX_LISTED_WORDS)),
            *short.get(language, {}).items(),
        )
    )
    keys, columns, found = zip(*rows, strict=True)
    np.savez_compressed(
        FOLDER / "sign_words.npz",
        languages=np.array(list(listed)),
        keys=np.array(keys, dtype=np.uint32),
        columns=np.array(columns, dtype=np.uint8),
        steps=np.minimum(np.round(-np.log(found) / WORD_STEP_NATS), 255).astype(np.uint8),
        common=np.packbits([(key, column) in common for key, column, _ in rows]),
    )
    print(f"{len(rows)} words, {len(common)} of them common")


def short_words(folder: Path) -> dict[str, dict[str, float]]:
    """Return language -> word of a letter or two -> its share beside longer ones, flattened."""
    lists = {CODES.get(code, code): words for code, words in read_word_lists(folder).items()}
    lists["sr"] = {in_cyrillic(word): share for word, share in lists["hr"].items()}
    found = {}
    for language, words in lists.items():
        longer = {w: s**FLATTEN for w, s in words.items() if words_of(w) == [w]}
        total = sum(longer[word] for word in commonest(longer, MAX_LISTED_WORDS))
        short = {w: s**FLATTEN / total for w, s in words.items() if w.isalpha() and len(w) <= 2}
        found[language] = {word: short[word] for word in commonest(short, MAX_SHORT_WORDS)}
    return found


def commonest(words: dict[str, float], most: int) -> list[str]:
    """Return the commonest words, the commonest first."""
    return sorted(words, key=lambda word: -words[word])[:most]


def shares_of_signs(schema: Path, folder: Path, most: int) -> dict[str, dict[str, float]]:
    """Return language -> word -> P(word), with and without accents, of scripts that are shared."""
    shares = {
        language: {w: s for w, s in spelled(words).items() if script_of(w) in SCRIPTS}
        for language, words in word_shares(schema, folder, most).items()
    }
    return {language: words for language, words in shares.items() if sum(words.values()) > 0.5}


def main() -> None:
    """Compile the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("schema", type=Path)
    parser.add_argument("words", type=Path)
    arguments = parser.parse_args()
    shares = shares_of_signs(arguments.schema, arguments.words, MAX_SPELLED_WORDS)
    listed = shares_of_signs(arguments.schema, arguments.words, MAX_LISTED_WORDS)
    write_spelling(shares)
    write_words(listed, shares, short_words(arguments.words))


if __name__ == "__main__":
    main()
