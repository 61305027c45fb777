"""Businesses that bear names of elsewhere."""

import pytest

from geoagent_graph.evidence.names.trades import names_trade, public_words, trade_words


@pytest.mark.parametrize(
    "text", ["Bäckerei Paris", "Schlossbäckerei", "HOTEL BRISTOL", "Гостиница Россия", "東京食堂"]
)
def test_businesses_by_a_word_or_the_end_of_one(text: str) -> None:
    assert names_trade(text)


@pytest.mark.parametrize("text", ["", "Paris", "Rathaus 12", "Lyon 120"])
def test_what_names_no_business(text: str) -> None:
    assert not names_trade(text)


def test_words_are_folded_and_of_many_languages() -> None:
    words = trade_words()
    assert {"backerei", "boulangerie", "ресторан"} <= words
    assert all(word == word.lower() for word in words)


def test_words_for_public_places_are_of_many_languages_and_name_no_business() -> None:
    assert {"bibliotheek", "piscine", "police", "библиотека"} <= public_words()
    assert not {"bakery", "hotel", "friseur"} & public_words()
