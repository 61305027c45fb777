"""The shards of a batch: Parquet files of answers, and beside them the whole answers as JSON.

A shard is there under its name once it is whole: it is written beside, synced, and renamed. Its
traces are written before it, so that a shard never names traces that are not there.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.plan import TEMPORARY
from geoagent_graph.errors import StorageError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.render.formats.answer_rows import geoparquet_schema, safe_cell
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.safe_text import visible
from geoagent_graph.types import ClaimLevel
from geoagent_graph.whole_files import ENDING, SHARED, make_folders, remove_orphans, replace_file

if TYPE_CHECKING:
    import pyarrow as pa

SHARDS: Final = "shards"
TRACES: Final = "traces"
CSV_FILE: Final = "answers.csv"
_HEAD: Final = '{"row": '
_NO_CELL: Final = "geometry"  # bytes; the table has the point as numbers


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """The folder of a batch, as far as its shards go."""

    folder: Path
    keeps_traces: bool = True

    def prepare(self) -> None:
        """Make the folders, and remove what a killed run left half-written.

        Raises:
            StorageError: they cannot be made.
        """
        try:
            for name in (SHARDS, TRACES):
                make_folders(self.folder / name)
                remove_orphans(self.folder / name, f"{TEMPORARY}*{ENDING}")
            remove_orphans(self.folder, f"{TEMPORARY}*{ENDING}")
        except OSError as error:
            raise _storage_error(self.folder, error) from error

    def path(self, shard: int) -> Path:
        """Return where a shard is or will be."""
        return self.folder / SHARDS / f"part-{shard:06d}.parquet"

    def trace_name(self, shard: int) -> str | None:
        """Return where the whole answers of a shard are, from the folder; None keeps none."""
        return f"{TRACES}/part-{shard:06d}.jsonl.gz" if self.keeps_traces else None

    def read(self, shard: int, columns: Sequence[str] | None = None) -> "pa.Table | None":
        """Return a shard; None where it is missing or damaged: it has to be made again."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path(shard), page_checksum_verification=True) as file:
                return file.read(columns=columns)
        except (pa.ArrowException, OSError):
            return None

    def write(self, shard: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put a shard in its place, whole or not at all; `answer` of a row goes to its traces.

        Raises:
            StorageError: the disk is full, the folder is read-only, ...; what was there stays.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        name = self.trace_name(shard)
        lines = {row["row"]: _trace_line(row) for row in rows if row.get("answer") is not None}
        if name is not None and lines:
            if any(_has_trace_in(name, row) for row in rows):  # of a shard that is completed
                lines = {**self._trace_lines(name), **lines}
            rows = [{**row, "trace": name} if row.get("answer") else row for row in rows]
            content = "".join(line for _, line in sorted(lines.items())).encode()
            self._replace_file(self.folder / name, gzip.compress(content, mtime=0))
        sink = pa.BufferOutputStream()
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=shard_schema())
        pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
        self._replace_file(self.path(shard), sink.getvalue())

    def write_csv(self, shards: int) -> Path:
        """Write all shards as one table, and return where it is.

        Raises:
            StorageError: it cannot be written.
        """
        target = self.folder / CSV_FILE
        try:
            replace_file(target, self._csv_chunks(shards), TEMPORARY, SHARED)
        except OSError as error:
            raise _storage_error(target, error) from error
        return target

    def _csv_chunks(self, shards: int) -> Iterator[bytes]:
        names = [name for name in shard_schema().names if name != _NO_CELL]
        for shard in range(shards):
            text = io.StringIO()
            writer = csv.DictWriter(text, names, lineterminator="\n")
            if shard == 0:
                writer.writeheader()
            table = self.read(shard, names)
            for row in table.to_pylist() if table is not None else ():
                writer.writerow({name: safe_cell(value) for name, value in row.items()})
            yield text.getvalue().encode("utf-8", "replace")

    def _trace_lines(self, name: str) -> dict[int, str]:
        """Return the lines of a file of traces by the numbers of their rows."""
        path = self.folder / name
        try:
            with open_regular(path) as packed, gzip.open(packed, "rt", encoding="utf-8") as file:
                return {int(line[len(_HEAD) : line.index(",")]): line for line in file}
        except (OSError, EOFError, ValueError) as error:
            raise StorageError(
                f"{visible(str(path), 200)}: cannot be read ({error}); remove it and the shard of "
                "its name, and run the same command again"
            ) from error

    def _replace_file(self, path: Path, content: bytes) -> None:
        try:
            replace_file(path, [content], TEMPORARY, SHARED)
        except OSError as error:
            raise _storage_error(path, error) from error


def shard_schema() -> "pa.Schema":
    """Return the columns of a shard: those of an answer, and where the row belongs."""
    import pyarrow as pa

    answers = geoparquet_schema()
    own = [("row", pa.int64()), ("copy_of", pa.int64())]
    own += [("error_kind", pa.string()), ("trace", pa.string())]
    return pa.schema([*own, *answers], metadata=answers.metadata)


@dataclass
class BatchCounts:
    """What became of the rows of a batch: answers by level, failures by kind, copies."""

    levels: Counter[ClaimLevel]
    failures: Counter[str]
    copies: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.levels.total() + self.failures.total()


def count_rows(folder: ShardFolder, shards: int) -> BatchCounts:
    """Return what is in the shards."""
    counts = BatchCounts(Counter(), Counter())
    for shard in range(shards):
        table = folder.read(shard, ["level", "error_kind", "copy_of"])
        for row in table.to_pylist() if table is not None else ():
            if row["error_kind"] is None:
                counts.levels[row["level"]] += 1
            else:
                counts.failures[row["error_kind"]] += 1
            counts.copies += row["copy_of"] is not None
    return counts


def _has_trace_in(name: str, row: Mapping[str, Any]) -> bool:
    """Return whether a file of traces has the line of a row already."""
    is_own = row.get("trace") == name and row.get("copy_of") is None
    return is_own and row.get("answer") is None


def _trace_line(row: Mapping[str, Any]) -> str:
    """Return one line of a file of traces: the row's number, its photo, its answer."""
    head = json_text({"row": row["row"], "photo": row["photo"]})
    return f'{head[:-1]}, "answer": {row["answer"]}}}\n'


def _storage_error(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{visible(str(path), 200)}: cannot be written ({error.strerror or error}); free some "
        "space and run the same command again"
    )
