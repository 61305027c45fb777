"""Parquet with small row groups, so that a look at one photo does not decode many others.

    python -m geoagent_training.data.parquet_groups FILE COPY

A page of Parquet is decoded whole; `datasets` writes a hundred photos into one, pandas and pyarrow
all of a small data set. Such a file is copied once into the cache, in a process of its own, whose
memory is given back; every process of a run reads the copy. There a photo of some size is a page of
its own, and not compressed again: a look holds it once, not beside its neighbours and packed forms.
"""

import hashlib
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from geoagent_graph.settings import load_settings
from geoagent_training.errors import DataError

MAX_GROUP_BYTES: Final = 2_000_000
READ_BUFFER_BYTES: Final = 1 << 16
MAX_BATCH_ROWS: Final = 8
_BATCH_BYTES: Final = 1 << 20
_COPIED_GROUP_ROWS: Final = 16
_COPIED_PAGE_BYTES: Final = 1 << 17
_FOLDER: Final = "parquet"
_LAYOUT: Final = "a photo to a page"  # other words make copies of another layout anew


def open_parquet(path: Path) -> pq.ParquetFile:
    """Return a Parquet file opened so that it is read page by page, not group by group.

    Raises:
        OSError: it cannot be read.
        pyarrow.ArrowException: it is no Parquet.
    """
    return pq.ParquetFile(path, buffer_size=READ_BUFFER_BYTES, pre_buffer=False)


def batch_rows(file: pq.ParquetFile, group: int) -> int:
    """Return how many rows of a group to read at once: about a megabyte of them, at least one."""
    size = file.metadata.row_group(group)
    row_bytes = max(1, size.total_byte_size // max(1, size.num_rows))
    return max(1, min(MAX_BATCH_ROWS, int(_BATCH_BYTES // row_bytes)))


def with_small_groups(path: Path) -> Path:
    """Return the file itself, or a copy of it in the cache whose groups of photos are small.

    A file of Arrow, as `datasets` saves it, is always copied.

    Raises:
        DataError: the copy cannot be made.
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no Parquet.
    """
    if path.suffix != ".arrow":
        with open_parquet(path) as file:
            largest = max(_photo_bytes(file), default=0)
        if largest <= MAX_GROUP_BYTES:
            return path
    copy = load_settings().cache_dir / _FOLDER / f"{_version_of(path)}.parquet"
    copy.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{copy}.lock"):
        if not copy.is_file():
            _copy_in_child(path, copy)
    return copy


def copy_with_small_groups(path: Path, copy: Path) -> None:
    """Write the rows of Parquet or Arrow, a few to a group; the copy is whole or not there."""
    unfinished = copy.with_name(f"{copy.name}.part")
    with ExitStack() as opened:
        schema, batches = _batches_of(path, opened)
        # photos are compressed already, and none of them comes twice; a page is closed between
        # writes alone, so that a write is a row
        writer = opened.enter_context(
            pq.ParquetWriter(
                unfinished,
                schema,
                use_dictionary=False,
                compression="none",
                data_page_size=_COPIED_PAGE_BYTES,
                write_batch_size=1,
            )
        )
        for batch in batches:
            for start in range(0, batch.num_rows, _COPIED_GROUP_ROWS):
                writer.write_batch(batch.slice(start, _COPIED_GROUP_ROWS))
    unfinished.replace(copy)


def _batches_of(path: Path, opened: ExitStack) -> tuple[pa.Schema, Iterable[pa.RecordBatch]]:
    if path.suffix == ".arrow":
        stream = pa.ipc.open_stream(opened.enter_context(pa.memory_map(str(path))))
        return stream.schema, stream
    file = opened.enter_context(open_parquet(path))
    return file.schema_arrow, file.iter_batches(batch_size=_COPIED_GROUP_ROWS)


def _copy_in_child(path: Path, copy: Path) -> None:
    words = [sys.executable, "-m", __name__, str(path), str(copy)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        said = ended.stderr.strip().splitlines()[-1:] or ["the process that copies it was killed"]
        raise DataError(f"{path}: it cannot be copied to {copy.parent} to be read: {said[0]}")


def _photo_bytes(file: pq.ParquetFile) -> Iterator[int]:
    """Yield the bytes of each group of several rows in the columns that hold bytes, not texts."""
    plain = [
        number
        for number in range(len(file.schema))
        if file.schema.column(number).physical_type == "BYTE_ARRAY"
        and file.schema.column(number).converted_type == "NONE"
    ]
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        if group.num_rows > 1:
            yield sum(group.column(column).total_uncompressed_size for column in plain)


def _version_of(path: Path) -> str:
    """Return a name that changes with the file and with how copies are laid out."""
    state = path.stat()
    words = f"{_LAYOUT} {path.resolve()} {state.st_size} {state.st_mtime_ns}"
    return hashlib.sha256(words.encode()).hexdigest()[:24]


def main() -> None:
    """Copy one file, as the command above says."""
    try:
        copy_with_small_groups(Path(sys.argv[1]), Path(sys.argv[2]))
    except (OSError, pa.ArrowException) as error:
        sys.exit(" ".join(str(error).split()))


if __name__ == "__main__":
    main()
