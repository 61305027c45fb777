"""Text from outside is shown without what a screen obeys."""

import pytest

from geoagent_graph.safe_text import visible


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2066"])
def test_characters_that_a_screen_obeys_are_replaced(character: str) -> None:
    assert visible(f"a{character}b") == "a\ufffdb"


def test_line_breaks_become_spaces_and_surrogates_can_be_written() -> None:
    assert visible("a\nb\u2028c\td") == "a b c d"
    assert visible("a\udcffb").encode("utf-8")


def test_every_script_and_its_joiners_stay() -> None:
    text = "Straße 東京 می‌خواهم क्‍ष São"
    assert visible(text) == text


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert visible("x" * 100, limit=10) == "x" * 9 + "…"
    assert visible("x" * 10, limit=10) == "x" * 10
