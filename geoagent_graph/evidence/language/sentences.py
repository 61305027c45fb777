"""Sentences, and words to the viewer: each says as much of its language as any other."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from geoagent_graph.evidence.language.language_mix import LanguageMix
from geoagent_graph.evidence.language.line_choice import TO_VIEWER
from geoagent_graph.evidence.language.reader_guess import is_sure, reader_likelihood
from geoagent_graph.evidence.language.script_likelihood import trusted_script
from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.spelling import SCRIPTS, words_of
from geoagent_graph.evidence.names.name_words import without_names
from geoagent_graph.evidence.names.running_text import is_as_long_as_sentence, is_sentence
from geoagent_graph.evidence.names.trades import names_trade
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

_FEW_WORDS = 2
_WORD = re.compile(r"[^\W\d_]{2,}")


TextKind = Literal["words", "text", "few"]
"""Words of one language's list; running text; two words that may be of a language."""


def text_kind(line: Clue, names: Sequence[str] = ()) -> TextKind | None:
    """Return what kind of text a line is beside the names in it; None for a name or a fragment.

    What is left must be a text: Ho Chi Minh is no Italian, and a make of car no Vietnamese.
    """
    own = _own_text(line, names)
    long, to_viewer = _is_text(own), TO_VIEWER in line.attributes
    if not (to_viewer or long or _is_short_text(own, line.attributes["script"])):
        return None
    if line.attributes["script"] in SCRIPTS and _are_of_one_list(words_of(own)):
        return "words"
    return "text" if long or to_viewer else "few"


def settle(line: Clue, kind: TextKind, words: Floats, mix: LanguageMix) -> Floats:
    """Return P(line | language) of a text, of which every one says as much, from that of its words.

    A sentence is in the language that its words and the reader agree on; which words it has says no
    more. So words to the viewer weigh what neutral words of their language do, whatever they ask.
    """
    weights, power = parameters().language, 1.0
    if kind == "words" or TO_VIEWER in line.attributes or is_as_long_as_sentence(line.text):
        power = weights.sentence_sureness  # two words may be of another language
    sure = words**power
    if kind == "text" or (kind == "words" and is_sure(line)):
        sure = sure * reader_likelihood(line, mix) ** (power if is_sure(line) else 1.0)
    sure = np.maximum(sure / sure.max(), weights.sentence_other)
    return np.asarray(trusted_script(line, mix) * sure)


def _own_text(line: Clue, names: Sequence[str]) -> str:
    brands = word_list("brands")
    words = without_names(line.text, names).split()
    return " ".join(word for word in words if fold(word) not in brands)


def _is_text(text: str) -> bool:
    """Say whether a text is running text, or as long as one: no label, no name of a shop."""
    return is_sentence(text) or is_as_long_as_sentence(text)


def _is_short_text(text: str, script: str) -> bool:
    """Say whether a text is two words, one of them of a language's list and none for a business."""
    if script not in SCRIPTS:
        return len(_WORD.findall(text)) >= _FEW_WORDS and not names_trade(text)
    said = words_of(text)
    if len(said) < _FEW_WORDS or names_trade(text):
        return False
    return any(word_table().logs(word) is not None for word in said)


def _are_of_one_list(said: Sequence[str]) -> bool:
    """Say whether one language has every word in its list."""
    logs = [word_table().logs(word) for word in said]
    known = [np.isfinite(log) for log in logs if log is not None]
    return bool(said) and len(known) == len(said) and bool(np.all(known, axis=0).any())
