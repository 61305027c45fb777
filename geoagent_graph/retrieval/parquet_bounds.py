"""Whether a Parquet table may be unpacked: its pages say what it takes, not its footer."""

from typing import TYPE_CHECKING, BinaryIO, Final

from geoagent_graph.retrieval.parquet_pages import Page, read_pages

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MAX_PAGE_BYTES: Final = 64 << 20
MIN_BOUND_BYTES: Final = 64 << 20
MAX_EXPANSION: Final = 64
"""A table unpacks to at most so many times its file (small files: to `MIN_BOUND_BYTES`). Every row
has a digest of 64 hexadecimal digits, which no codec packs below a half: real tables stay below
10."""
PHYSICAL_TYPES: Final = frozenset({"BYTE_ARRAY", "DOUBLE"})
CODECS: Final = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"})
PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY = 0, 2, 3, 8
ENCODINGS: Final = frozenset({PLAIN, PLAIN_DICTIONARY, RLE, RLE_DICTIONARY})
"""Of these a page takes as much as it is long; others repeat beginnings of texts."""


class TableTooLarge(ValueError):
    """A table that unpacks to more than its file can stand for."""


def check_pages(file: BinaryIO, metadata: "pq.FileMetaData") -> None:
    """Refuse a table whose pages unpack to more than a real one's; nothing is unpacked.

    Raises:
        TableTooLarge: it does.
        ValueError: it is of another layout, or its pages are damaged.
    """
    left = max(MIN_BOUND_BYTES, MAX_EXPANSION * file.seek(0, 2))
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if sum(_positive(group.num_rows) for group in groups) != metadata.num_rows:
        raise ValueError("the row groups are not the table")
    for group in groups:
        for number in range(group.num_columns):
            _check_layout(metadata, group.column(number), number)
            values = 0
            for page in read_pages(file, group.column(number)):
                left -= page.unpacked_bytes
                values += 0 if page.is_dictionary else page.values
                _check_page(page, left)
            if values != group.num_rows:
                raise ValueError("a column has not one value a row")


def _positive(rows: int) -> int:
    if rows < 0:
        raise ValueError("a row group of less than no row")
    return rows


def _check_layout(
    metadata: "pq.FileMetaData", column: "pq.ColumnChunkMetaData", number: int
) -> None:
    schema = metadata.schema.column(number)
    flat = schema.max_repetition_level == 0 and schema.max_definition_level == 0
    if not flat or schema.physical_type not in PHYSICAL_TYPES or column.compression not in CODECS:
        raise ValueError("columns of another layout")


def _check_page(page: Page, left_bytes: int) -> None:
    if page.unpacked_bytes > MAX_PAGE_BYTES or left_bytes < 0:
        raise TableTooLarge
    if page.encoding not in ENCODINGS:
        raise ValueError("a page of another encoding")
