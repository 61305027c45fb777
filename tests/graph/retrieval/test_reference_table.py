"""The table of an index's photos: rows come back, and a table that is none is refused."""

import io
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
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
from tests.support.paths import ROOT


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


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of a process in /proc")
def test_a_table_is_read_by_the_thread_that_asks(tmp_path: Path) -> None:
    """One that Arrow starts needs Python to close the file, and ends a process that is done."""
    path = tmp_path / "references.parquet"
    with path.open("wb") as file:
        write_references(ROWS, HashingFile(file))
    code = """
import os, sys
from geoagent_graph.retrieval.reference_table import read_references
import pyarrow.parquet
before = len(os.listdir("/proc/self/task"))
with open(sys.argv[1], "rb") as file:
    read_references(file, 5)
print(len(os.listdir("/proc/self/task")) - before)
"""
    command = [sys.executable, "-c", code, str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "0\n"


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


def packed(rows: list[ReferenceRow], **how: Any) -> io.BytesIO:
    """Return a table as somebody else's writer packs it, `cluster_id` of each row 4,000 letters."""
    columns = [asdict(replace(row, cluster_id="x" * MAX_TEXT_CHARS)) for row in rows]
    fields = [(name, pa.float64() if name.endswith("deg") else pa.string()) for name in columns[0]]
    schema = pa.schema([pa.field(*field, nullable=False) for field in fields])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(columns, schema), buffer, **how)
    return buffer


MANY = [replace(ROWS[2], id=f"{number:06}") for number in range(20_000)]


@pytest.mark.parametrize("codec", ["zstd", "gzip"])
@pytest.mark.parametrize("rows_in_group", [1_000_000, 1500])
def test_a_small_table_that_unpacks_to_much_is_refused_before_it_is_unpacked(
    codec: str, rows_in_group: int
) -> None:
    bomb = packed(MANY, compression=codec, use_dictionary=False, row_group_size=rows_in_group)
    held = pa.total_allocated_bytes()
    with pytest.raises(ReferenceIndexError, match="unpacks to more"):
        read_references(bomb, len(MANY))
    assert pa.total_allocated_bytes() - held < 1 << 20


def test_a_text_that_all_rows_share_is_unpacked_once() -> None:
    table = packed(MANY, compression="zstd")
    held = pa.total_allocated_bytes()
    read = read_references(table, len(MANY))
    assert pa.total_allocated_bytes() - held < 8 << 20  # 80 MB as it stands in the rows
    texts = {id(row.cluster_id) for row in read.rows()}
    assert len(texts) == 1


def test_the_footer_is_not_believed_about_the_size_of_pages() -> None:
    bomb = packed(MANY, compression="zstd", use_dictionary=False)
    column = pq.ParquetFile(bomb).metadata.row_group(0).column(8)
    said = varint(2 * column.total_uncompressed_size)
    lie = varint(2 * 9)
    # as long as before, with zeros above its bits: everything else stays where it is
    padded = bytes([lie[0] | 0x80]) + b"\x80" * (len(said) - 2) + b"\0"
    damaged = bomb.getvalue().replace(said, padded)
    told = pq.ParquetFile(io.BytesIO(damaged)).metadata.row_group(0).column(8)
    assert told.total_uncompressed_size == 9
    with pytest.raises(ReferenceIndexError, match="unpacks to more"):
        read_references(io.BytesIO(damaged), len(MANY))


def varint(number: int) -> bytes:
    """Return a number as Thrift's compact protocol writes it."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_encodings_that_repeat_texts_are_refused(encoding: str) -> None:
    table = packed(ROWS, use_dictionary=False, column_encoding={"cluster_id": encoding})
    with pytest.raises(ReferenceIndexError, match="not a readable Parquet table"):
        read_references(table, len(ROWS))


def test_a_table_with_a_column_inside_a_column_is_refused() -> None:
    nested = pa.table({name: pa.array([[{"a": 1}]]) for name in asdict(ROWS[0])})
    buffer = io.BytesIO()
    pq.write_table(nested, buffer)
    with pytest.raises(ReferenceIndexError, match="columns are not those"):
        read_references(buffer, 1)


def test_another_count_and_another_file_are_refused() -> None:
    with pytest.raises(ReferenceIndexError, match="5 rows instead of 6"):
        stored(ROWS, 6)
    with pytest.raises(ReferenceIndexError, match="not a readable Parquet table"):
        read_references(io.BytesIO(b"no table"), 1)
