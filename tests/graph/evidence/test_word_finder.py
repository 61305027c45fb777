"""Words of a list are found as the pattern of them would find them."""

import re

import pytest

from geoagent_graph.evidence.tables import table
from geoagent_graph.evidence.word_finder import WordFinder
from geoagent_graph.geo.names import fold

LISTS = ("always", "photo", "taken", "must", "say")


def pattern_of(entries: list[str]) -> re.Pattern[str]:
    parts = []
    for entry in entries:
        key = re.escape(fold(entry))
        end = r"\w*" if entry.endswith("*") else ""
        parts.append(rf"(?<=\s){key}{end}(?=\s)" if fold(entry)[0] < "\u0e00" else key)
    return re.compile("|".join(parts))


@pytest.mark.parametrize("name", LISTS)
def test_what_is_found_is_what_a_pattern_finds(name: str) -> None:
    entries = table("to_reader")[name]
    finder, pattern = WordFinder(entries), pattern_of(entries)
    words = [entry.strip("*") for entry in entries][::3]
    texts = [before + word + after for word in words for before in ("", "a ", "x")
             for after in ("", " b", "s", "ें")]  # fmt: skip
    folded = [f" {fold(text)} " for text in texts]
    assert [finder.is_in(text) for text in folded] == [
        pattern.search(text) is not None for text in folded
    ]


def test_a_beginning_goes_on_to_the_end_of_its_word() -> None:
    finder = WordFinder(["instruct*"])
    assert finder.is_in(" read the instructions ")
    assert not finder.is_in(" misinstructed ")
