"""Puts rows that come back in any order into shards, copies beside their first."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.plan import Plan
from geoagent_graph.batch.shards import ShardFolder
from geoagent_graph.errors import InputError, PhotoError, ToolError

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
FINAL_KINDS: Final = (None, PhotoError.__name__, InputError.__name__)
"""Of answers and of photos that are no better tomorrow; other failures are tried again."""
_NEEDED: Final = ("row", "error_kind")


def find_unfinished(plan: Plan, shards: ShardFolder) -> dict[int, set[int]]:
    """Return the rows that have no answer yet, by shard; a damaged shard has none."""
    found: dict[int, set[int]] = {}
    for shard in range(plan.shards):
        start, stop = plan.span(shard)
        table = shards.read(shard)
        rows = table.select(list(_NEEDED)).to_pylist() if table is not None else []
        if [row["row"] for row in rows] != list(range(start, stop)):
            found[shard] = set(range(start, stop))
        elif again := {row["row"] for row in rows if row["error_kind"] not in FINAL_KINDS}:
            found[shard] = again
    return found


class Assembly:
    """The unfinished shards of a batch, each written once all of its rows are there."""

    def __init__(self, plan: Plan, shards: ShardFolder, unfinished: Mapping[int, set[int]]) -> None:
        self._plan = plan
        self._shards = shards
        self._missing = {shard: set(rows) for shard, rows in unfinished.items()}
        self._rows: dict[int, dict[int, Row]] = {}
        self._waiting: set[int] = set()  # whole but for copies of rows that other shards lack
        self._read: dict[int, dict[int, Row]] = {}  # the shard that was read last

    def chunks(self, size: int) -> "Iterator[pa.RecordBatch]":
        """Yield the rows to locate, in order and at most `size` at a time, with their `row`."""
        import pyarrow as pa

        for shard in sorted(self._missing):
            start, _ = self._plan.span(shard)
            batch = self._plan.rows_of(shard)
            first = batch["first"].to_pylist()
            wanted = sorted(
                row for row in self._missing.get(shard, ()) if first[row - start] == row
            )
            for begin in range(0, len(wanted), size):
                rows = wanted[begin : begin + size]
                part = batch.take(pa.array([row - start for row in rows]))
                yield part.append_column("row", pa.array(rows, pa.int64()))

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows that were located; write the shards that they complete.

        Raises:
            StorageError: a shard cannot be written.
        """
        touched = set()
        for row in rows:
            shard = self._plan.shard_of(row["row"])
            if row["row"] in self._missing.get(shard, ()):
                self._rows.setdefault(shard, {})[row["row"]] = row
                touched.add(shard)
        self._write_ready(touched)

    def write_copies(self) -> None:
        """Write the shards that lack nothing but copies of rows that are there.

        Raises:
            StorageError: a shard cannot be written.
        """
        self._write_ready(set(self._missing))

    def _write_ready(self, shards: set[int]) -> None:
        """Write those of some shards that are whole, and those that waited for their rows."""
        while shards:
            written = [shard for shard in sorted(shards) if self._write_if_ready(shard)]
            shards = set(self._waiting) if written else set()

    def check_whole(self) -> None:
        """Refuse to end with rows that never came back.

        Raises:
            ToolError: the engine lost some.
        """
        if self._missing:
            rows = sum(len(rows) for rows in self._missing.values())
            raise ToolError(f"the engine ended without {rows} rows; run the same command again")

    def _write_if_ready(self, shard: int) -> bool:
        """Return whether a shard was whole, and is written now."""
        start, stop = self._plan.span(shard)
        have = self._rows.get(shard, {})
        batch = self._plan.rows_of(shard).select(["photo", "first"]).to_pylist()
        own = {row for row in self._missing[shard] if batch[row - start]["first"] == row}
        if not own <= have.keys():
            return False
        copies: dict[int, Row] = {}
        for row in sorted(self._missing[shard] - own):
            copied = self._copy_of(batch[row - start]["first"], shard, have)
            if copied is None:
                self._waiting.add(shard)
                return False
            copies[row] = {**copied, "row": row, "photo": batch[row - start]["photo"]}
        kept = self._kept_rows(shard) if len(own) + len(copies) < stop - start else {}
        whole = {**kept, **have, **copies}
        self._shards.write(shard, [whole[row] for row in range(start, stop)])
        self._forget_shard(shard)
        return True

    def _forget_shard(self, shard: int) -> None:
        del self._missing[shard]
        self._rows.pop(shard, None)
        self._read.pop(shard, None)
        self._waiting.discard(shard)

    def _copy_of(self, first: int, shard: int, have: Mapping[int, Row]) -> Row | None:
        """Return what a copy of a row says; None where the row is not there yet."""
        home = self._plan.shard_of(first)
        if home == shard:
            found = have.get(first) or self._kept_rows(shard)[first]
            traces = self._shards.trace_name(shard) if found.get("answer") else found.get("trace")
            found = {**found, "trace": traces}
        elif home in self._missing:
            return None
        else:
            found = self._kept_rows(home)[first]
        return {**found, "answer": None, "copy_of": first}

    def _kept_rows(self, shard: int) -> dict[int, Row]:
        """Return the rows of a shard that is there.

        Raises:
            ToolError: it has vanished since this run began.
        """
        if shard not in self._read:
            table = self._shards.read(shard)
            if table is None:
                path = self._shards.path(shard)
                raise ToolError(f"{path}: has vanished; run the same command again")
            self._read = {shard: {row["row"]: row for row in table.to_pylist()}}
        return self._read[shard]
