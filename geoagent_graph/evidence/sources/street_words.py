"""Words for street, exit, town hall: shown as clues, weighed with the languages.

They have no likelihood of their own: a word and the language it is in are one observation.
"""

from collections.abc import Sequence

from geoagent_graph.evidence.clue_ids import clue_from_line
from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.source import Source
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.translation import mark
from geoagent_graph.types import Clue

NAME = "street_words"
MAX_STREET_WORDS = 8


def street_word_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per word of `street_words.json`."""
    found: dict[str, Clue] = {}
    for line in lines:
        for word, languages in words_in(line.text).items():
            attributes = {"word": word, "languages": ",".join(languages)}
            text = f"“{word}”: a word in {', '.join(languages)}"
            found.setdefault(word, clue_from_line("street_word", text, line, NAME, attributes))
    return list(found.values())[:MAX_STREET_WORDS]


def _extract_words(observations: Observations, town_table: TownTable) -> list[Clue]:
    del town_table
    return street_word_clues(observations.lines.on_signs)


SOURCE = Source(
    name=NAME,
    kind="street_word",
    label=mark("Street word"),
    check="no weights of its own: see languages",
    extract=_extract_words,
    likelihood=None,
)
