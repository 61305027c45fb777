"""A sorted table of strings: lookups and ranges agree with a plain list."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoagent_graph.geo.string_table import StringTable, pack_lists, pack_strings

NAMES = ["a", "ab", "abc", "b", "koln", "münchen", "東京", "東京都", "🏔"]


def table_of(names: list[str]) -> StringTable:
    return StringTable(*pack_strings(names))


def backwards_order(names: list[str]) -> np.ndarray:
    return np.array(sorted(range(len(names)), key=lambda i: names[i][::-1]), dtype=np.int32)


def test_strings_come_back_under_their_index() -> None:
    table = table_of(NAMES)
    assert len(table) == len(NAMES)
    assert [table[index] for index in range(len(table))] == NAMES
    assert table.bytes_at(5) == "münchen".encode()
    assert [table.find(name) for name in NAMES] == list(range(len(NAMES)))


@pytest.mark.parametrize("absent", ["", "aa", "zzz", "東", "🏔🏔"])
def test_what_is_not_there_is_minus_one(absent: str) -> None:
    assert table_of(NAMES).find(absent) == -1
    assert table_of([]).find(absent) == -1


@given(st.sets(st.text(st.characters(exclude_categories=["Cs"]), max_size=6)), st.data())
def test_ranges_hold_exactly_the_strings_that_begin_or_end_so(
    names: set[str], data: st.DataObject
) -> None:
    ordered = sorted(names)
    part = data.draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=2))
    table, behind = table_of(ordered), backwards_order(ordered)
    first, end = table.prefix_range(part)
    assert ordered[first:end] == [name for name in ordered if name.startswith(part)]
    first, end = table.suffix_range(part, behind)
    found = {ordered[index] for index in behind[first:end]}
    assert found == {name for name in ordered if name.endswith(part) and part < chr(0x10FFFF)}


def test_lists_lie_behind_their_string() -> None:
    packed = pack_lists(["a", "b", "c"], {"a": [3], "b": [], "c": [1, 2]})
    starts, lists = packed["list_starts"], packed["lists"]
    assert [lists[a:b].tolist() for a, b in itertools.pairwise(starts)] == [
        [3],
        [],
        [1, 2],
    ]
