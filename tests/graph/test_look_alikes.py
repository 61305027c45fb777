"""Letters that look alike in several scripts."""

import pytest

from geoagent_graph.look_alikes import has_own_letters, is_made_of_look_alikes


@pytest.mark.parametrize("text", ["CKAAA", "PECTOPAH", "MOCKBA", "TAXI", "HOTEL"])
def test_capitals_that_other_scripts_have_too(text: str) -> None:
    assert is_made_of_look_alikes(text) is (text not in ("HOTEL",))


@pytest.mark.parametrize("text", ["KIA", "Kapok", "STOP", "AUTO", "12:30", ""])
def test_words_with_letters_of_latin_alone(text: str) -> None:
    assert not is_made_of_look_alikes(text)


def test_letters_that_no_latin_one_looks_like() -> None:
    assert has_own_letters("СКЛАД")
    assert not has_own_letters("МОСКВА")
    assert not has_own_letters("Straße")
