"""Which merges a text uses, on a table of tokens small enough to follow by hand."""

import pytest

from geoagent_graph.testing import qwen_tokenizer
from geoagent_graph.testing.qwen_tokenizer import merges_within

RANKS = {"a": 0, "b": 1, "c": 2, "bc": 3, "ab": 4, "abc": 5, "aa": 6, "aaaa": 7}


@pytest.fixture(autouse=True)
def _few_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qwen_tokenizer, "token_ranks", lambda: RANKS)


def test_the_lowest_rank_is_merged_first() -> None:
    # "bc" comes before "ab", so "ab" is never made
    assert merges_within(["abc"]) == [("b", "c"), ("a", "bc")]


def test_every_pair_of_a_word_is_merged_at_once() -> None:
    assert merges_within(["aaaa"]) == [("a", "a"), ("aa", "aa")]
    assert merges_within(["aaa"]) == [("a", "a")]


def test_merges_of_many_words_are_in_the_order_of_their_rank_and_once() -> None:
    assert merges_within(["aa", "ab", "bc", "bc"]) == [("b", "c"), ("a", "b"), ("a", "a")]
    assert merges_within(["ca", "", "b"]) == []
