"""Files of records, row by row: JSON lines, CSV, Parquet; nothing is validated but their form."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from geoagent_training.data.rows import MAX_LINE_BYTES
from geoagent_training.data.stored_photos import StoredPhoto, photo_bytes
from geoagent_training.errors import DataError


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad row: file and line, and what is wrong with it."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Record:
    """The values of a row by column, and where its photo can be read again if it is inside."""

    where: str
    values: Mapping[str, Any]
    stored: StoredPhoto | None = None


def read_records(path: Path, photo_column: str) -> Iterator[Record | Problem]:
    """Yield every row of a file, in order.

    Raises:
        DataError: the file is of a kind that is not read, or cannot be read.
    """
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise DataError(f"{path}: only {', '.join(READ_SUFFIXES)} are read")
    yield from reader(path, photo_column)


def _read_json_lines(path: Path, _photo_column: str) -> Iterator[Record | Problem]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}:{number}"
            if not line.strip():
                continue
            if len(line) > MAX_LINE_BYTES:
                yield Problem(where, f"longer than {MAX_LINE_BYTES} bytes")
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Problem(where, f"not a line of JSON: {error}")
                continue
            if not isinstance(record, dict):
                yield Problem(where, "not a JSON object")
                continue
            yield Record(where, record)


def _read_csv(path: Path, _photo_column: str) -> Iterator[Record | Problem]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        try:
            for record in reader:
                where = f"{path}:{reader.line_num}"
                if None in record or None in record.values():
                    yield Problem(where, "more or fewer fields than the header")
                else:
                    yield Record(where, record)
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{path}:{reader.line_num}: not readable as CSV: {error}") from error


def _read_parquet(path: Path, photo_column: str) -> Iterator[Record]:
    import pyarrow as pa

    from geoagent_training.data.parquet_groups import batch_rows, open_parquet, with_small_groups

    number = 0
    try:
        small = with_small_groups(path)
        with open_parquet(small) as file:
            for group in range(file.num_row_groups):
                row = 0
                size = batch_rows(file, group)
                for batch in file.iter_batches(batch_size=size, row_groups=[group]):
                    for values in batch.to_pylist():
                        inside = photo_bytes(values.get(photo_column)) is not None
                        stored = StoredPhoto(small, group, row, photo_column) if inside else None
                        number, row = number + 1, row + 1
                        yield Record(f"{path}:{number}", values, stored)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: row {number + 1} cannot be read: {error}") from error


_READERS: Final[dict[str, Callable[[Path, str], Iterator[Record | Problem]]]] = {
    ".jsonl": _read_json_lines,
    ".json": _read_json_lines,
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".arrow": _read_parquet,
}
READ_SUFFIXES: Final = tuple(_READERS)
