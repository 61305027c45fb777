"""The lists of common words: sorted, of the spelling table's languages, and what they hold."""

import numpy as np
import pytest

from geoagent_graph.evidence.language.sign_words import word_table
from geoagent_graph.evidence.language.spelling import spelling_table


def test_the_lists_are_of_the_languages_of_the_spelling_table() -> None:
    table = word_table()
    assert list(table.languages) == list(spelling_table().column_of)
    assert (np.diff(table.keys.astype(np.int64)) >= 0).all()
    assert int(table.columns.max()) < len(table.languages)


@pytest.mark.parametrize(("word", "language"), [("hunde", "de"), ("nicht", "de"), ("собака", "ru")])
def test_a_common_word_is_of_its_language(word: str, language: str) -> None:
    logs = word_table().logs(word)
    assert logs is not None
    assert np.isfinite(logs[word_table().languages.index(language)])
    assert np.isneginf(logs).any()


def test_a_word_of_no_list_says_nothing() -> None:
    assert word_table().logs("zorblax") is None


@pytest.mark.parametrize(
    ("word", "is_common"), [("nicht", True), ("albergo", True), ("sulje", False)]
)
def test_a_rarer_word_is_listed_and_not_common(word: str, is_common: bool) -> None:
    assert word_table().logs(word) is not None
    assert word_table().is_common(word) == is_common
