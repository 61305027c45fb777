"""The rows of a batch, fixed before the first is located: which photo is in which shard.

An Arrow file with one record batch per shard, mapped when it is read: ten million rows take the
memory of those that are looked at.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from geoagent_graph.batch.copies import first_rows
from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.safe_text import visible
from geoagent_graph.whole_files import SHARED, replace_file

if TYPE_CHECKING:
    import pyarrow as pa

MIN_SHARD_ROWS: Final = 16
MAX_SHARD_ROWS: Final = 256
_SHARDS_WANTED: Final = 64
_ROWS_AT_ONCE: Final = 4096
TEMPORARY: Final = ".geoagent-"


class Plan:
    """The rows of a batch by shards; row numbers count from 0 over all of them."""

    def __init__(self, path: Path) -> None:
        """Open a plan.

        Raises:
            StorageError: it cannot be read.
        """
        import pyarrow as pa

        try:
            self._file = pa.ipc.open_file(pa.memory_map(str(path)))
            sizes = [self.rows_of(n).num_rows for n in range(self.shards)]
        except (pa.ArrowException, OSError) as error:
            raise StorageError(f"{path}: cannot be read ({error}); name another folder") from error
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return int(self._file.num_record_batches)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self._starts[-1])

    @property
    def copies(self) -> int:
        """How many rows have the bytes of an earlier one."""
        starts = (self.span(number)[0] for number in range(self.shards))
        return sum(
            int(np.count_nonzero(self._first_rows(number) != np.arange(start, start + size)))
            for number, start in enumerate(starts)
            if (size := len(self._first_rows(number)))
        )

    def rows_of(self, shard: int) -> "pa.RecordBatch":
        """Return the rows of a shard: the columns of `ListedPhoto`, and `first`."""
        return self._file.get_batch(shard)

    def span(self, shard: int) -> tuple[int, int]:
        """Return the number of a shard's first row, and of the next shard's."""
        return int(self._starts[shard]), int(self._starts[shard + 1])

    def shard_of(self, row: int) -> int:
        """Return the shard that a row is in."""
        return int(np.searchsorted(self._starts, row, side="right")) - 1

    def table(self) -> "pa.Table":
        """Return all rows."""
        return self._file.read_all()

    def _first_rows(self, shard: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        numbers: np.ndarray[tuple[int], np.dtype[np.int64]] = self.rows_of(shard)[
            "first"
        ].to_numpy()
        return numbers


def make_plan(path: Path, photos: Iterable[ListedPhoto], shard_rows: int | None) -> Plan:
    """Write the plan of a new batch, whole or not at all, and return it.

    Args:
        path: where it is kept.
        photos: the rows.
        shard_rows: rows of a shard; None takes what makes enough shards to share out.

    Raises:
        InputError: there are no photos.
        StorageError: it cannot be written.
    """
    listed = _table_of(photos)
    if not listed.num_rows:
        raise InputError("no photos in it; name a folder, a tar file or a manifest that has some")
    wanted = -(-listed.num_rows // _SHARDS_WANTED)
    size = shard_rows or max(MIN_SHARD_ROWS, min(MAX_SHARD_ROWS, wanted))
    _write_plan(path, _with_first(listed).combine_chunks().to_batches(max_chunksize=size))
    return Plan(path)


def grow_plan(plan: Plan, path: Path, photos: Iterable[ListedPhoto], *, may_grow: bool) -> Plan:
    """Return the plan with the photos that are new in its input, in shards of their own.

    Args:
        plan: the plan as it is.
        path: where it is kept.
        photos: the rows of the input as it is now.
        may_grow: whether new ones may come anywhere; else they follow those that are known.

    Raises:
        InputError: rows that were known are gone or in another order, where they may not be.
        StorageError: it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    listed, known = _table_of(photos), plan.table()
    if may_grow:
        new = listed.filter(pc.invert(pc.is_in(listed["photo"], known["photo"].combine_chunks())))
    elif listed["photo"].slice(0, plan.rows).equals(known["photo"]):
        new = listed.slice(plan.rows)
    else:
        raise InputError("its rows have changed since this batch was begun; name another folder")
    if not new.num_rows:
        return plan
    grown = _with_first(pa.concat_tables([known.drop_columns(["first"]), new]))
    size = max(plan.span(0)[1], MIN_SHARD_ROWS)
    old = [plan.rows_of(number) for number in range(plan.shards)]
    _write_plan(
        path, [*old, *grown.slice(plan.rows).combine_chunks().to_batches(max_chunksize=size)]
    )
    return Plan(path)


def _table_of(photos: Iterable[ListedPhoto]) -> "pa.Table":
    import pyarrow as pa

    kinds = {str: pa.string(), str | None: pa.string(), int | None: pa.int64()}
    schema = pa.schema([(field.name, kinds[field.type]) for field in fields(ListedPhoto)])  # type: ignore[index]
    remaining = (photo.as_text() for photo in photos)
    batches = []
    while rows := list(islice(remaining, _ROWS_AT_ONCE)):
        columns = zip(*map(astuple, rows), strict=True)
        arrays = [pa.array(c, kind.type) for c, kind in zip(columns, schema, strict=True)]
        batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _with_first(listed: "pa.Table") -> "pa.Table":
    import pyarrow as pa

    return listed.append_column("first", pa.array(first_rows(listed), pa.int64()))


def _write_plan(path: Path, batches: "list[pa.RecordBatch]") -> None:
    try:
        replace_file(path, _ipc_chunks(batches), TEMPORARY, SHARED)
    except OSError as error:
        shown = visible(str(path), 200)
        raise StorageError(f"{shown}: cannot be written ({error.strerror})") from error


def _ipc_chunks(batches: "list[pa.RecordBatch]") -> Iterator[bytes]:
    """Yield an Arrow file a shard at a time."""
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_file(pa.PythonFile(sink, mode="w"), batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield _drain_sink(sink)
    yield _drain_sink(sink)


def _drain_sink(sink: io.BytesIO) -> bytes:
    content = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return content
