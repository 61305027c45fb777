"""Typed clues drawn from lines of text."""

from collections.abc import Sequence

from geoagent_graph.evidence.language.street_words import words_in
from geoagent_graph.evidence.names.extraction import place_name_clues
from geoagent_graph.evidence.sources.currencies import currency_clues
from geoagent_graph.evidence.sources.domains import domain_clues
from geoagent_graph.evidence.sources.phones import phone_clues
from geoagent_graph.evidence.sources.postal_codes import postal_code_clues, state_clues
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.evidence.viewer_text import lines_to_the_reader
from geoagent_graph.types import Clue

MAX_STREET_WORDS = 8


def extract_clues(clues: Sequence[Clue], town_table: TownTable) -> list[Clue]:
    """Return place names, telephone numbers, domains, currencies, postal codes and street words.

    Only `text` clues are read; the same find in two lines gives one clue.
    """
    lines = [clue for clue in clues if clue.kind == "text"]
    names = place_name_clues(lines, town_table)
    # numbers and addresses in words to the reader are no more a sign of a place than names are
    told = lines_to_the_reader(lines)
    lines = [line for line in lines if line.id not in told]
    named = frozenset(clue.attributes["read_in"] for clue in names)
    found = [
        *names,
        *state_clues(lines),
        *phone_clues(lines),
        *domain_clues(lines, town_table),
        *currency_clues(lines),
        *postal_code_clues(lines, named),
        *street_word_clues(lines),
    ]
    return list({clue.id: clue for clue in found}.values())


def street_word_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per word of `street_words.json`; its weight is in the language evidence."""
    from geoagent_graph.evidence.clue_ids import drawn_clue

    found: dict[str, Clue] = {}
    for line in lines:
        for word, languages in words_in(line.text).items():
            attributes = {"word": word, "languages": ",".join(languages)}
            text = f"“{word}”: a word in {', '.join(languages)}"
            found.setdefault(
                word, drawn_clue("street_word", text, line, "street_words", attributes)
            )
    return list(found.values())[:MAX_STREET_WORDS]
