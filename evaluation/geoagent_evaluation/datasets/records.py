"""Records of a table that somebody else wrote: CSV, TSV, JSON, JSON lines or Parquet, bounded."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NoReturn

from geoagent_evaluation.csv_bounds import bounded_rows
from geoagent_evaluation.datasets.text_lines import bounded_lines
from geoagent_evaluation.errors import DatasetError

MAX_JSON_BYTES: Final = 1 << 29
MAX_RECORDS: Final = 5_000_000
MAX_COLUMNS: Final = 1000
DELIMITERS: Final = ",;\t|"
DEFAULT_KEY: Final = "id"  # of the records of a JSON object of objects


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number from 1 (the head is no row) and what it says, by column."""

    row: int
    values: dict[str, Any]


def read_records(path: Path, names: Sequence[str] = ()) -> Iterator[Record]:
    """Yield the records of a file by its suffix; text by what its first line looks like.

    Args:
        path: the file.
        names: the columns of a table without a head.

    Raises:
        DatasetError: the file is missing or is no such table; it says the row.
    """
    if not path.is_file():
        raise DatasetError(f"{path}: there is no such file")
    for record in _records_of(path, names):
        if record.row > MAX_RECORDS:
            raise DatasetError(f"{path}: has more than {MAX_RECORDS} rows")
        yield record


def _records_of(path: Path, names: Sequence[str]) -> Iterator[Record]:
    suffix = path.suffix.lower()
    if suffix in {".parquet", ".pq"}:
        return _parquet_records(path)
    if suffix in {".jsonl", ".ndjson"}:
        return _json_line_records(path)
    if suffix in {".json", ".geojson"}:
        return _json_records(path)
    return _table_records(path, names)


def _table_records(path: Path, names: Sequence[str]) -> Iterator[Record]:
    """Yield the rows of a table with a head, or with the names that were given."""
    lines = bounded_lines(path)
    first = next(lines, "")
    delimiter = max(DELIMITERS, key=first.count)
    quoting: Literal[0, 3] = csv.QUOTE_NONE if names and delimiter == "\t" else csv.QUOTE_MINIMAL
    rows = bounded_rows(
        _chain(first, lines), delimiter=delimiter, strict=not names, quoting=quoting
    )
    row = 0
    try:
        head = list(names) or _checked_head(next(rows, (0, []))[1], path)
        for _, cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            row += 1
            if len(cells) != len(head):
                raise DatasetError(
                    f"{path}, row {row}: has {len(cells)} fields where {len(head)} are named"
                )
            yield Record(row, dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        raise DatasetError(f"{path}, row {row + 1}: {error}") from error


def _chain(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _checked_head(cells: Sequence[str], path: Path) -> list[str]:
    head = [cell.strip() for cell in cells]
    if not any(head):
        raise DatasetError(f"{path}: is empty; its first line should name the columns")
    if len(head) > MAX_COLUMNS:
        raise DatasetError(f"{path}: has {len(head)} columns, more than {MAX_COLUMNS}")
    # A column without a name is the index that a data frame left behind.
    head = [name or f"column {number}" for number, name in enumerate(head, 1)]
    twice = next((name for name in head if head.count(name) > 1), None)
    if twice is not None:
        raise DatasetError(f"{path}: names the column {twice!r} twice")
    return head


def _json_line_records(path: Path) -> Iterator[Record]:
    row = 0
    for line in bounded_lines(path):
        if line.strip():
            row += 1
            yield Record(row, _as_record(_parse_json(line, path, row), path, row))


def _json_records(path: Path) -> Iterator[Record]:
    """Yield the objects of a list, the features of GeoJSON, or the values of an object of objects.

    A file that is JSON lines under another suffix is read as those.
    """
    size = path.stat().st_size
    if size > MAX_JSON_BYTES:
        raise DatasetError(f"{path}: has {size} bytes, more than {MAX_JSON_BYTES}; use JSON lines")
    text = "".join(bounded_lines(path, MAX_JSON_BYTES))
    try:
        found = _parse_json(text, path, 0)
    except DatasetError:
        if "\n" not in text.strip():
            raise
        yield from _json_line_records(path)
        return
    for row, value in enumerate(_record_list(found, path), 1):
        yield Record(row, _as_record(value, path, row))


def _record_list(found: Any, path: Path) -> list[Any]:
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        lists = [found[key] for key in ("features", "samples", "results", "predictions", "data")
                 if isinstance(found.get(key), list)]  # fmt: skip
        if lists:
            return list(lists[0])
        if found and all(isinstance(value, dict) for value in found.values()):
            return [{DEFAULT_KEY: key, **value} for key, value in found.items()]
    raise DatasetError(f"{path}: is neither a list of records nor an object of them")


def _as_record(value: Any, path: Path, row: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DatasetError(f"{path}, row {row}: is not a JSON object")
    return value


def _parse_json(text: str, path: Path, row: int) -> Any:
    where = f"{path}, row {row}" if row else str(path)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{where}: is not JSON ({error.msg}, line {error.lineno}, column {error.colno})"
        ) from error
    except RecursionError as error:
        raise DatasetError(f"{where}: is nested too deeply") from error
    except ValueError as error:  # a constant that JSON does not know, or thousands of digits
        raise DatasetError(f"{where}: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is no number")


def _parquet_records(path: Path) -> Iterator[Record]:
    """Yield the rows of a Parquet file; columns of bytes (the pictures) are passed over."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 0
    try:
        with pq.ParquetFile(path) as file:
            names = [field.name for field in file.schema_arrow if _is_plain(field.type)]
            for batch in file.iter_batches(batch_size=4096, columns=names):
                for values in batch.to_pylist():
                    row += 1
                    yield Record(row, values)
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{path}, row {row + 1}: {str(error).splitlines()[0]}") from error


def _is_plain(kind: Any) -> bool:
    import pyarrow.types as types

    return not (types.is_binary(kind) or types.is_large_binary(kind) or types.is_struct(kind))
