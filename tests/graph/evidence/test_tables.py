"""The shipped tables: read once, words folded, an unknown name is an error."""

import pytest

from geoagent_graph.evidence.tables import table, word_list


def test_words_are_folded() -> None:
    trade = word_list("trade")
    assert {"hotel", "restaurante"} <= trade
    assert "hôtel" in table("words")["trade"]
    assert "hôtel" not in trade


def test_a_table_is_read_once() -> None:
    assert table("words") is table("words")


def test_what_is_not_there_is_not_empty() -> None:
    with pytest.raises(FileNotFoundError):
        table("no_such_table")
    with pytest.raises(KeyError):
        word_list("no_such_list")
