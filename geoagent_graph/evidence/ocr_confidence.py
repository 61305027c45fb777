"""How far the reading of a line may be trusted: its script, and the guess at its language."""

import re
from collections.abc import Sequence

import numpy as np

from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

SHARED_SCRIPTS = frozenset({"Cyrl", "Arab", "Deva", "Hani", "Hebr", "Beng", "Ethi"})
"""Scripts besides Latin that several languages on signs are written in."""

_COUNTED = re.compile(r"[\d.,:]+(?=[年月日時时分秒円元番号號階楼台丁歳개월일시분원층호년번])")
_LETTER = re.compile(r"[^\W\d_]")
_MOST_OWN_LANGUAGES = 3  # a word for a business that more have is known everywhere


def letter_count(clue: Clue) -> int:
    """Return the number of letters that were read; 0 for anything but a line of text."""
    return len(_LETTER.findall(clue.text)) if clue.kind == "text" else 0


def script_trust(line: Clue) -> float:
    """Return the probability that a line is in the script it was read in; 1.0 for Latin letters.

    A model that knows one script finds it in everything: then it is unsure, or the letters are
    few and have figures and letters of other scripts between them.
    """
    script = line.attributes["script"]
    if script == "Latn":
        return 1.0
    weights = parameters().language
    doubtful, certain = weights.trust_from, weights.trust_full
    confidence = certain if line.confidence is None else line.confidence
    sure = min(1.0, max(0.0, (confidence - doubtful) / (certain - doubtful)))
    return sure * _script_purity(line.text) ** 2


def _script_purity(text: str) -> float:
    """Return the share of letters beyond ASCII in the words they stand in.

    Figures and ASCII letters count where they stand between such letters, but not those of dates
    and prices; figures of a script of its own, which hardly anyone writes on signs, always.
    """
    own = stray = 0
    for word in _COUNTED.sub("", text).split():
        places = [place for place, sign in enumerate(word) if sign.isalpha() and sign > "\x7f"]
        own += len(places)
        stray += sum(sign.isdigit() and sign > "\x7f" for sign in word)
        if places:
            between = word[places[0] : places[-1]]
            stray += sum(sign.isalnum() and sign <= "\x7f" for sign in between)
    return own / max(1, own + stray)


def own_share(line: Clue, names: Sequence[str]) -> float:
    """Return which share of a line's letters tells its language by itself.

    Not those of names, of words known everywhere and of street words of several languages: a guess
    from them is a guess among these. Where the script itself gives the language, all letters tell.
    """
    if line.attributes["script"] not in SHARED_SCRIPTS | {"Latn"}:
        return 1.0
    folded = f" {fold(line.text)} "
    left = folded
    shared = [word for word, languages in words_in(line.text).items() if len(languages) > 1]
    for known in (*(fold(name) for name in names), *shared):
        left = left.replace(f" {known} ", "  ")
    letters = sum(len(_LETTER.findall(word)) for word in left.split() if not _is_everywhere(word))
    return max(
        parameters().language.least_own_share, letters / max(1, len(_LETTER.findall(folded)))
    )


def _is_everywhere(word: str) -> bool:
    """Say whether a folded word says nothing of a language: an albergo is one in Italian alone."""
    if word in word_list("brands") or word in word_list("worldwide"):
        return True
    return word in word_list("trade") and not 1 <= _languages_with(word) < _MOST_OWN_LANGUAGES


def _languages_with(word: str) -> int:
    logs = word_table().logs(word)
    return 0 if logs is None else int(np.isfinite(logs).sum())
