"""How likely the letters of a line are in each language."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats

SCRIPTS = ("Latn", "Cyrl", "Arab", "Deva")
"""The scripts of several languages that the table tells apart by their spelling."""

STEP_NATS = 0.05
MAX_WORDS_OF_LINE = 12
MAX_LETTERS_OF_WORD = 24
_UNKNOWN_STEPS = 180.0  # nine nats: three letters that hardly any language has
_LOG_OF_RARE_WORD = -12.0  # about that of the rarest words of a list
_SIGN = r"[^\W\d_]|[\u0900-\u0963]"  # a letter, or a vowel's sign of Devanagari
_SHORT_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{1,2}(?![^\W_])")
_WORD = re.compile(
    rf"(?<![\w@/-])(?<!\w\.)(?:{_SIGN}){{3,}}(?:['’][^\W\d_]+)?(?!\w|-\d|@|\.[^\W\d_]{{2}})"
)


@dataclass(frozen=True, slots=True, eq=False)
class SpellingTable:
    """-log P(third letter | two before, language) in steps, shape [groups of three, languages]."""

    column_of: dict[str, int]
    row_of: dict[str, int]
    steps: NDArray[np.uint8]


@cache
def spelling_table() -> SpellingTable:
    """Return the table that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "sign_spelling.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        letters = stored["grams"].tobytes().decode("utf-8")
        grams = (letters[first : first + 3] for first in range(0, len(letters), 3))
        languages = stored["languages"].tolist()
        return SpellingTable(
            column_of={language: column for column, language in enumerate(languages)},
            row_of={gram: row for row, gram in enumerate(grams)},
            steps=stored["steps"],
        )


def column_of(language: str) -> int | None:
    """Return the column of a language in the table; None for one that is not there."""
    return spelling_table().column_of.get(ALIKE.get(language, language))


def words_of(text: str) -> list[str]:
    """Return the words of three letters and more, in small letters, no figures or addresses."""
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()))


def letters_of(word: str) -> str:
    """Return a word between the marks of its ends."""
    return f"^^{word}$"


def text_logs(text: str, *, may_be_none: bool = True) -> Floats:
    """Return log P(words | language), shape [languages of the table].

    A word is spelled as those of the language are, or it is of its list; the list's excess over
    the spelling is scaled down if a misread word `may_be_none` of the language. If not, words of a
    letter or two are words as well.
    """
    weights = parameters().language
    power = weights.listed_power if may_be_none else 1.0
    total = np.zeros(len(spelling_table().column_of))
    for word in () if may_be_none else _SHORT_WORD.findall(text.lower())[:MAX_WORDS_OF_LINE]:
        listed = word_table().logs(word)
        total += 0.0 if listed is None else np.maximum(listed, _LOG_OF_RARE_WORD)
    for word in words_of(text)[:MAX_WORDS_OF_LINE]:
        logs, listed = np.log(weights.unlisted_word) + word_logs(word), word_table().logs(word)
        if listed is not None:
            more = np.log(1.0 - weights.unlisted_word) + listed - logs
            logs = logs + power * np.maximum(0.0, more)
        total += logs
    return total


def word_logs(word: str) -> Floats:
    """Return log P(letters of a word | language), shape [languages of the table]."""
    table = spelling_table()
    letters = letters_of(word[:MAX_LETTERS_OF_WORD])
    grams = [letters[end - 2 : end + 1] for end in range(2, len(letters))]
    rows = [table.row_of[gram] for gram in grams if gram in table.row_of]
    steps = table.steps[rows].sum(axis=0, dtype=np.float64)
    return np.asarray(-STEP_NATS * (steps + (len(grams) - len(rows)) * _UNKNOWN_STEPS))


def spelling_likelihood(
    text: str, script: str, languages: tuple[str, ...], *, may_be_none: bool = True
) -> Floats:
    """Return P(words | language) over that of the likeliest, for the languages given.

    Signs are short and misread, so the logarithms are scaled down. A name, a fragment or a language
    without a column is spelled like any language of the script; with a probability that falls with
    every letter a line is such a one, whatever language stands around it, if it `may_be_none`.
    """
    weights, table = parameters().language, spelling_table()
    words = words_of(text)
    if not words:
        return np.ones(len(languages))
    logs = text_logs(text, may_be_none=may_be_none)
    own = [table.column_of[name] for name in LANGUAGES_OF[script] if name in table.column_of]
    scaled = np.exp(weights.spelling_power * (logs - float(logs[own].max())))
    of_any = float(scaled[own].mean())
    columns = [column_of(name) for name in languages]
    values = np.array([scaled[c] if c in own else of_any for c in columns])
    letters = sum(len(word) for word in words)
    stray = max(weights.stray_spelling, weights.stray_power_of_letter**letters) * may_be_none
    return np.asarray(((1.0 - stray) * values + stray * of_any) / (1.0 - stray + stray * of_any))


ALIKE = {"sr_Latn": "hr", "bs": "hr", "nn": "no", "nb": "no"}
"""Languages that are spelled like another one that the table has."""

LANGUAGES_OF = {
    "Cyrl": ("be", "bg", "kk", "mk", "ru", "sr", "uk"),
    "Arab": ("ar", "ckb", "fa", "ur"),
    "Deva": ("hi", "mr", "ne"),
    "Latn": (
        "af", "bs", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fil", "fr", "ga",
        "gl", "hr", "hu", "id", "is", "it", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro", "sk",
        "sl", "sv", "tr", "vi",
    ),
}  # fmt: skip
"""The languages of the table by the script they are written in."""
