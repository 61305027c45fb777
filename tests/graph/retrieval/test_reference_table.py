"""The table of an index's photos: rows come back, and a table that is none is refused."""

import io
from dataclasses import replace
from typing import Any

import pytest

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.reference_table import (
    MAX_TEXT_CHARS,
    CountryRanges,
    ReferenceRow,
    ReferenceTable,
    read_references,
    write_references,
)


def row(name: str, country_code: str = "PT") -> ReferenceRow:
    return ReferenceRow(
        id=name,
        lat_deg=38.7,
        lon_deg=-9.1,
        country_code=country_code,
        license="CC0",
        attribution="nobody",
        source_url="https://example.org",
        sha256="0" * 64,
        cluster_id="",
    )


ROWS = [row("a", ""), row("b", "ES"), row("c"), row("d"), row("e", "US")]


def stored(rows: list[ReferenceRow], count: int | None = None) -> ReferenceTable:
    buffer = io.BytesIO()
    write_references(rows, HashingFile(buffer))
    buffer.seek(0)
    return read_references(buffer, len(rows) if count is None else count)


def test_rows_come_back_in_order() -> None:
    table = stored(ROWS)
    assert table.rows() == ROWS
    assert [table.row(position) for position in range(len(table))] == ROWS
    assert table.ids() == ["a", "b", "c", "d", "e"]


def test_countries_are_ranges_and_neighbours_are_joined() -> None:
    ranges = stored(ROWS).countries()
    assert ranges == CountryRanges({"": (0, 1), "ES": (1, 2), "PT": (2, 4), "US": (4, 5)})
    assert ranges.inside(frozenset({"ES", "PT"})) == [(1, 4)]
    assert ranges.inside(frozenset({"ES", "US", "FR", ""})) == [(1, 2), (4, 5)]
    assert ranges.inside(frozenset()) == []


def test_rows_out_of_order_have_no_ranges() -> None:
    with pytest.raises(ReferenceIndexError, match="not sorted by country"):
        stored(ROWS[::-1]).countries()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lat_deg": 90.1}, "off the globe"),
        ({"lon_deg": 180.0}, "off the globe"),
        ({"lat_deg": float("nan")}, "off the globe"),
        ({"country_code": "pt"}, "not ISO 3166-1"),
        ({"license": "x" * (MAX_TEXT_CHARS + 1)}, "license is longer"),
        ({"id": "b"}, "the same id twice"),
    ],
)
def test_a_bad_value_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ReferenceIndexError, match=words):
        stored([*ROWS[:4], replace(ROWS[4], **changes)])


def test_another_count_and_another_file_are_refused() -> None:
    with pytest.raises(ReferenceIndexError, match="5 rows instead of 6"):
        stored(ROWS, 6)
    with pytest.raises(ReferenceIndexError, match="not a readable Parquet table"):
        read_references(io.BytesIO(b"no table"), 1)
