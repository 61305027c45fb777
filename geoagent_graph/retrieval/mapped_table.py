"""The rows of a large shard as an Arrow file that is mapped into memory: a row is read in place."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.reference_table import ReferenceTable, check_values, row_schema

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 65_536


def write_mapped(batches: Iterable["pa.RecordBatch"], sink: HashingFile) -> None:
    """Write rows as an Arrow IPC file, not compressed; an OSError of the sink passes through."""
    import pyarrow as pa

    with pa.ipc.new_file(pa.output_stream(_Sink(sink)), row_schema()) as writer:
        for batch in batches:
            writer.write_batch(batch)


class _Sink:
    """What Arrow writes into."""

    closed = False

    def __init__(self, sink: HashingFile) -> None:
        self._sink = sink

    def write(self, chunk: bytes) -> int:
        return self._sink.write(bytes(chunk))

    def flush(self) -> None:
        """Do nothing: the writer of the file does."""

    def close(self) -> None:
        """Do nothing: the writer of the file does."""


def read_mapped(path: Path, count: int, *, is_checked: bool) -> ReferenceTable:
    """Return the rows of a file whose sha256 has been checked.

    `is_checked` leaves out looking at every row: of a file that was looked at before.

    Raises:
        ReferenceIndexError: it is no such table; the message does not name the folder.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            options = pa.ipc.IpcReadOptions(use_threads=False)
            table = pa.ipc.open_file(source, options=options).read_all()
        if not table.schema.equals(row_schema()):
            raise ReferenceIndexError("its columns are not those of a reference table")
        if table.num_rows != count:
            raise ReferenceIndexError(f"it has {table.num_rows} rows instead of {count}")
        if table.nbytes > path.stat().st_size:
            raise ReferenceIndexError("it unpacks to more than it holds")
        if not is_checked:
            check_values(table, count)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise ReferenceIndexError("it is not a readable Arrow table") from error
    return ReferenceTable(table)
