"""The headers of a table's pages say what Arrow says of them, and damaged ones are refused."""

import io
import random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoagent_graph.retrieval.parquet_pages import Page, read_pages

TEXTS = [f"text {number % 50} " * 9 for number in range(4000)]


def written(**how: Any) -> io.BytesIO:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": TEXTS}), buffer, data_page_size=4096, **how)
    return buffer


def pages_of(file: io.BytesIO) -> list[Page]:
    return list(read_pages(file, pq.ParquetFile(file).metadata.row_group(0).column(0)))


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("with_dictionary", [True, False])
def test_pages_add_up_to_the_column(codec: str, version: str, with_dictionary: bool) -> None:
    file = written(compression=codec, data_page_version=version, use_dictionary=with_dictionary)
    pages = pages_of(file)
    column = pq.ParquetFile(file).metadata.row_group(0).column(0)
    assert sum(page.values for page in pages if not page.is_dictionary) == len(TEXTS)
    assert [page.is_dictionary for page in pages].count(True) == with_dictionary
    unpacked = sum(page.unpacked_bytes for page in pages)
    assert 0 <= column.total_uncompressed_size - unpacked < 400 * len(pages)  # their headers
    assert len(pages) > 1


def test_damaged_headers_are_refused_or_read_and_never_break_out() -> None:
    whole = written(compression="zstd").getvalue()
    chance = random.Random(15)
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(4, len(whole))] = chance.randrange(256)
        column = pq.ParquetFile(io.BytesIO(whole)).metadata.row_group(0).column(0)
        try:
            list(read_pages(io.BytesIO(damaged), column))
        except ValueError:
            refused += 1
    assert refused > 0, refused
