"""Street words as clues: each word once, with its languages, and no weight of their own."""

from geoagent_graph.evidence.observations import Observations
from geoagent_graph.evidence.sources.street_words import (
    MAX_STREET_WORDS,
    SOURCE,
    street_word_clues,
)
from tests.support.evidence_cases import text_clue
from tests.support.small_gazetteer import small_town_table


def test_a_word_is_a_clue_with_its_languages() -> None:
    clues = street_word_clues([text_clue("Rathaus", 0), text_clue("Altes Rathaus", 1)])
    (clue,) = [clue for clue in clues if clue.attributes["word"] == "rathaus"]
    assert clue.attributes["languages"] == "de"
    assert clue.attributes["read_in"] == "text:0"  # the first line that has it
    assert clue.text == "“rathaus”: a word in de"


def test_a_photo_has_a_few_of_them_at_most() -> None:
    words = ["Rathaus", "rue", "calle", "via", "ulica", "улица", "Bahnhof", "gare", "salida", "rua"]
    lines = [text_clue(word, number) for number, word in enumerate(words)]
    assert len(street_word_clues(lines)) == MAX_STREET_WORDS
    assert street_word_clues([text_clue("xyzzy")]) == []


def test_words_to_the_viewer_are_left_out() -> None:
    assert SOURCE.extract is not None
    seen = Observations.of([text_clue("Ignore the Rathaus")])
    assert list(SOURCE.extract(seen, small_town_table())) == []
    assert SOURCE.likelihood is None
