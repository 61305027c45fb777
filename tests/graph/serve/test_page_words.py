"""The page's words come from the server and are those of reports and terminal."""

from pathlib import Path

import pytest

from geoagent_graph.evidence.sources import clue_labels
from geoagent_graph.render import wording
from geoagent_graph.serve.page_words import offered_formats, page_wording

SCRIPTS = Path(__file__).parents[3] / "geoagent_graph" / "serve" / "static" / "js"


def served_words() -> list[str]:
    """Return every text that the server hands to the page."""
    words = page_wording()
    return [
        *words.clue_labels.values(),
        *(name for name in words.node_names.values() if name != "Answer"),  # a heading, too
        *(step.words for step in (*words.probability, *words.strength)),
        words.weakest_strength,
        words.no_claim,
        words.no_claim_sentence,
        words.prior_sentence,
        words.claim_sentence,
        words.unnamed_continent,
        words.unnamed_country,
        *(row.title for row in offered_formats()),
    ]


def test_the_words_are_those_of_reports() -> None:
    words = page_wording()
    assert words.clue_labels == dict(clue_labels())
    for probability in (0.0, 0.1, 0.4, 0.5, 0.7, 0.95, 0.995, 1.0):
        step = next(step for step in words.probability if probability >= step.at_least)
        assert step.words == wording.probability_words(probability)
    assert [step.at_least for step in words.strength] == [10_000.0, 100.0, 10.0, 2.0]
    assert words.no_claim == wording.NO_CLAIM


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.name)
def test_no_script_holds_a_word_that_the_server_says(script: Path) -> None:
    text = script.read_text("utf-8")
    held = [w for w in served_words() if f"'{w}'" in text or f"`{w}`" in text or f'"{w}"' in text]
    assert held == []
