"""Typed clues drawn from lines of text."""

from collections.abc import Sequence

from geoagent_graph.evidence.currencies import currency_clues
from geoagent_graph.evidence.domains import domain_clues
from geoagent_graph.evidence.leaves import Leaves
from geoagent_graph.evidence.phones import phone_clues
from geoagent_graph.evidence.place_names import place_name_clues
from geoagent_graph.evidence.postal_codes import postal_code_clues, state_clues
from geoagent_graph.evidence.street_words import words_in
from geoagent_graph.evidence.to_reader import lines_to_the_reader
from geoagent_graph.types import Clue

MAX_STREET_WORDS = 8


def extract_clues(clues: Sequence[Clue], leaves: Leaves) -> list[Clue]:
    """Return place names, telephone numbers, domains, currencies, postal codes and street words.

    Only `text` clues are read; the same find in two lines gives one clue.
    """
    lines = [clue for clue in clues if clue.kind == "text"]
    names = place_name_clues(lines, leaves)
    # numbers and addresses in words to the reader are no more a sign of a place than names are
    told = lines_to_the_reader(lines)
    lines = [line for line in lines if line.id not in told]
    named = frozenset(clue.attributes["read_in"] for clue in names)
    found = [
        *names,
        *state_clues(lines),
        *phone_clues(lines),
        *domain_clues(lines, leaves),
        *currency_clues(lines),
        *postal_code_clues(lines, named),
        *street_word_clues(lines),
    ]
    return list({clue.id: clue for clue in found}.values())


def street_word_clues(lines: Sequence[Clue]) -> list[Clue]:
    """Return one clue per word of `street_words.json`; its weight is in the language evidence."""
    from geoagent_graph.evidence.clue_making import drawn_clue

    found: dict[str, Clue] = {}
    for line in lines:
        for word, languages in words_in(line.text).items():
            attributes = {"word": word, "languages": ",".join(languages)}
            text = f"“{word}”: a word in {', '.join(languages)}"
            found.setdefault(
                word, drawn_clue("street_word", text, line, "street_words", attributes)
            )
    return list(found.values())[:MAX_STREET_WORDS]
