"""Typed clues drawn from lines of text, and what must not be taken for one."""

import pytest

from tests.support.evidence_cases import model, text_clue


def test_the_same_find_has_the_same_id_and_comes_once() -> None:
    lines = [text_clue("Tel. +49 89 123456", 0), text_clue("+49 89 123456", 1)]
    first = model().extract(lines)
    again = model().extract(lines)
    assert [clue.id for clue in first] == [clue.id for clue in again]
    assert len({clue.id for clue in first}) == len(first)
    assert sum(clue.kind == "phone" for clue in first) == 1


@pytest.mark.parametrize(
    "line",
    ["", " ", "\x00\x01", "🙂🙂", "1" * 2000, "A" * 2000, "a.b." * 400, "+" * 500, "東" * 1500,
     "München " * 200, "( " * 300, "\u202eParis\u202c", "0 " * 900],
)  # fmt: skip
def test_odd_lines_give_few_clues(line: str) -> None:
    clues = model().extract([text_clue(line[:2000])])
    assert len(clues) < 60
