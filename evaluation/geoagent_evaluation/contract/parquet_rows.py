"""Rows of a Parquet file, a bounded batch at a time; its head is checked before its pages."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geoagent_evaluation.contract.json_lines import NumberedRow
from geoagent_evaluation.contract.prediction_row import MAX_CANDIDATES
from geoagent_evaluation.contract.row_checks import MAX_WORD_CHARS
from geoagent_evaluation.errors import ContractError

BATCH_ROWS: Final = 4096
MAX_ROWS: Final = 50_000_000
MAX_COLUMNS: Final = 1000
MAX_GROUP_BYTES: Final = 1 << 31  # of one row group, uncompressed
MAX_HEAD_BYTES: Final = 1 << 26
MAX_WORD_BYTES: Final = 4 * MAX_WORD_CHARS  # as UTF-8


def parquet_rows(path: Path, columns: Sequence[str]) -> Iterator[NumberedRow]:
    """Yield the number of each row from 1 and what the named columns say of it.

    Raises:
        ContractError: not Parquet, cut off, damaged, or larger unpacked than it may be.
        OSError: the file cannot be read.
    """
    with path.open("rb") as raw:
        try:
            yield from _rows_of(raw, path, columns)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ContractError(f"{path}: is damaged or no Parquet file ({reason})") from error


def _rows_of(raw: IO[bytes], path: Path, columns: Sequence[str]) -> Iterator[NumberedRow]:
    file = _open_file(raw)
    _check_head(file, path)
    names = [name for name in columns if name in file.schema_arrow.names]
    if "id" not in names:
        raise ContractError(f"{path}: has no column id, but {', '.join(file.schema_arrow.names)}")
    words = [path for path in _word_paths(file) if path.split(".")[0] in names]
    number = 0
    for batch in _open_file(raw, words).iter_batches(BATCH_ROWS, columns=names):
        _check_words(batch, path)
        for row in batch.to_pylist():
            number += 1
            yield number, row


def _word_paths(file: Any) -> list[str]:
    columns = (file.schema.column(index) for index in range(len(file.schema)))
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _open_file(raw: IO[bytes], words: Sequence[str] = ()) -> Any:
    # Words stay a dictionary: one long word of a million rows is held once.
    return pq.ParquetFile(
        raw,
        read_dictionary=list(words),
        thrift_string_size_limit=MAX_HEAD_BYTES,
        thrift_container_size_limit=MAX_HEAD_BYTES // 64,
    )


def _check_head(file: Any, path: Path) -> None:
    head = file.metadata
    names = file.schema_arrow.names
    if head.num_rows > MAX_ROWS or head.num_columns > MAX_COLUMNS:
        raise ContractError(
            f"{path}: has {head.num_rows} rows and {head.num_columns} columns; "
            f"at most {MAX_ROWS} and {MAX_COLUMNS} are read"
        )
    if len(set(names)) < len(names):
        raise ContractError(f"{path}: has a column twice")
    for index in range(head.num_row_groups):
        _check_group(head.row_group(index), index, path)


def _check_group(group: Any, index: int, path: Path) -> None:
    if group.total_byte_size > MAX_GROUP_BYTES:
        raise ContractError(f"{path}: row group {index} unpacks to {group.total_byte_size} bytes")
    for column in (group.column(number) for number in range(group.num_columns)):
        if column.num_values > max(1, group.num_rows) * MAX_CANDIDATES:
            raise ContractError(
                f"{path}: {column.path_in_schema} holds {column.num_values} values "
                f"in {group.num_rows} rows, more than {MAX_CANDIDATES} each"
            )


def _check_words(batch: Any, path: Path) -> None:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        for words in _dictionaries_of(column):
            longest = pc.max(pc.binary_length(words)).as_py() or 0
            if longest > MAX_WORD_BYTES:
                raise ContractError(f"{path}, {name}: a word of {longest} bytes")


def _dictionaries_of(column: Any) -> Iterator[Any]:
    """Yield the different words of a column, of its lists and of their fields."""
    if pa.types.is_dictionary(column.type):
        yield column.dictionary
    elif pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        yield from _dictionaries_of(column.values)
    elif pa.types.is_struct(column.type):
        for index in range(column.type.num_fields):
            yield from _dictionaries_of(column.field(index))
