"""How likely the letters of a line are in each language."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats

SCRIPTS = ("Latn", "Cyrl", "Arab", "Deva")
"""The scripts of several languages that the table tells apart by their spelling."""

STEP_NATS = 0.05
MAX_WORDS_OF_LINE = 12
MAX_LETTERS_OF_WORD = 24
_UNKNOWN_STEPS = 180.0  # nine nats: three letters that hardly any language has
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{3,}(?:['’][^\W\d_]+)?(?!\w|-\d)")


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


def words_of(text: str) -> list[str]:
    """Return the words of three letters and more, without figures, in small letters."""
    return _WORD.findall(unicodedata.normalize("NFC", text.lower()))


def letters_of(word: str) -> str:
    """Return a word between the marks of its ends."""
    return f"^^{word}$"


def spelling_logs(text: str) -> Floats:
    """Return log P(letters of the words | language), shape [languages of the table]."""
    table = spelling_table()
    rows, unknown = [], 0
    for word in words_of(text)[:MAX_WORDS_OF_LINE]:
        letters = letters_of(word[:MAX_LETTERS_OF_WORD])
        for end in range(2, len(letters)):
            row = table.row_of.get(letters[end - 2 : end + 1])
            unknown += row is None
            if row is not None:
                rows.append(row)
    steps = table.steps[rows].sum(axis=0, dtype=np.float64) + unknown * _UNKNOWN_STEPS
    return np.asarray(-STEP_NATS * steps)


def spelling_likelihood(text: str, script: str, languages: tuple[str, ...]) -> Floats:
    """Return P(letters | language) over that of the likeliest, for the languages given.

    Signs are short and misread, so the logarithms are scaled down, and with a probability that
    falls with every letter the letters say nothing: a fragment, a name, a misreading. A language
    without a column, and names of no language, are spelled like the average language of the script.
    """
    weights, table = parameters().language, spelling_table()
    words = words_of(text)
    if not words:
        return np.ones(len(languages))
    logs = spelling_logs(text)
    own = [table.column_of[name] for name in LANGUAGES_OF[script] if name in table.column_of]
    top = float(logs[own].max())
    average = float(np.logaddexp.reduce(logs[own])) - np.log(len(own))
    columns = [table.column_of.get(ALIKE.get(name, name), -1) for name in languages]
    values = np.array([logs[c] if c in own else average for c in columns])
    scaled = np.exp(weights.spelling_power * (values - top))
    letters = sum(len(word) for word in words)
    stray = max(weights.stray_spelling, weights.stray_power_of_letter**letters)
    return np.asarray((1.0 - stray) * scaled + stray)


ALIKE = {"sr_Latn": "hr", "nn": "no", "nb": "no"}
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
