"""Sentences, and words to the viewer: each says as much of its language as any other."""

from collections.abc import Mapping, Sequence

import numpy as np

from geoagent_graph.evidence.language.language_mix import LanguageMix
from geoagent_graph.evidence.language.line_choice import TO_VIEWER
from geoagent_graph.evidence.language.reader_guess import reader_likelihood
from geoagent_graph.evidence.language.script_likelihood import trusted_script
from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.spelling import SCRIPTS, spelling_likelihood, words_of
from geoagent_graph.evidence.names.name_words import without_names
from geoagent_graph.evidence.names.running_text import is_as_long_as_sentence, is_sentence
from geoagent_graph.evidence.names.trades import names_trade
from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.tables import word_list
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.geo.names import fold
from geoagent_graph.types import Clue

_FEW_WORDS = 2


def settle_sentences(
    lines: Sequence[Clue], given: Floats, mix: LanguageMix, names: Mapping[str, Sequence[str]]
) -> Floats:
    """Return P(line | language), shape [lines, languages], of which every sentence says as much.

    A sentence is in the language that its words and the reader agree on; which words it has says no
    more. So words to the viewer weigh what neutral words of their language do, whatever they ask.
    What is left beside the names of a line must be a sentence: Ho Chi Minh is no Italian, and a
    make of car no Vietnamese.
    """
    return np.array([
        _settle_line(line, _own_text(line, names.get(line.id, ())), words, mix)
        for line, words in zip(lines, given, strict=True)
    ])  # fmt: skip


def _settle_line(line: Clue, own: str, words: Floats, mix: LanguageMix) -> Floats:
    """Return P(line | language) of one line, from that of its words."""
    weights, script = parameters().language, line.attributes["script"]
    to_viewer = TO_VIEWER in line.attributes
    said = words_of(own) if script in SCRIPTS else []
    listed = _are_of_one_list(said)  # so they are words of a language, no name and no fragment
    short = _is_short_text(own, said)
    if not (to_viewer or short or _is_text(own)):
        return words
    power = weights.sentence_sureness
    if listed:
        words = spelling_likelihood(own, script, mix.languages, may_be_none=False)
    elif short and not _is_text(own):
        power = 1.0
    else:
        words = words * reader_likelihood(line, mix)
        if not to_viewer and not is_as_long_as_sentence(line.text):
            power = 1.0  # two words may be of another language
    sure = (words / words.max()) ** power
    return np.asarray(trusted_script(line, mix) * np.maximum(sure, weights.sentence_other))


def _own_text(line: Clue, names: Sequence[str]) -> str:
    brands = word_list("brands")
    words = without_names(line.text, names).split()
    return " ".join(word for word in words if fold(word) not in brands)


def _is_text(text: str) -> bool:
    """Say whether a text is running text, or as long as one: no label, no name of a shop."""
    return is_sentence(text) or is_as_long_as_sentence(text)


def _is_short_text(text: str, said: Sequence[str]) -> bool:
    """Say whether a text is two words, one of them of a language's list and none for a business."""
    if len(said) < _FEW_WORDS or names_trade(text):
        return False
    return any(word_table().logs(word) is not None for word in said)


def _are_of_one_list(said: Sequence[str]) -> bool:
    """Say whether one language has every word in its list."""
    logs = [word_table().logs(word) for word in said]
    known = [np.isfinite(log) for log in logs if log is not None]
    return bool(said) and len(known) == len(said) and bool(np.all(known, axis=0).any())
