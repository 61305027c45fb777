"""Several shards as one index: rows are numbered through, and a search asks every shard."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.coded_search import CodedPart, search_coded
from geoagent_graph.retrieval.coded_shard import CodedVectors
from geoagent_graph.retrieval.keypoints import Keypoints, read_keypoints
from geoagent_graph.retrieval.open_shard import Shard
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import search_index, stored_vectors


class Shards:
    """The rows of an index in the order of its shards, and their vectors."""

    def __init__(self, shards: Sequence[Shard]) -> None:
        self.shards = tuple(shards)
        self.starts = np.cumsum([0, *(len(shard) for shard in self.shards)]).tolist()

    def __len__(self) -> int:
        return int(self.starts[-1])

    def row(self, position: int) -> ReferenceRow:
        """Return the row at a position."""
        shard, inside = self.find(position)
        return shard.table.row(inside)

    def rows(self) -> list[ReferenceRow]:
        """Return all rows."""
        return [row for shard in self.shards for row in shard.table.rows()]

    def ids(self) -> list[str]:
        """Return the id of every row."""
        return [name for shard in self.shards for name in shard.table.ids()]

    def digests(self) -> list[str]:
        """Return the sha256 of every photo, in hexadecimal."""
        return [digest for shard in self.shards for digest in shard.table.digests()]

    def check_ids(self) -> None:
        """Refuse shards that have the same id; those mapped into memory were made together.

        Raises:
            ReferenceIndexError: they do; the message does not name the folder.
        """
        ids = [
            name
            for shard in self.shards
            if not isinstance(shard.vectors, CodedVectors)
            for name in shard.table.ids()
        ]
        if len(self.shards) > 1 and len(set(ids)) != len(ids):
            raise ReferenceIndexError("two of its shards have the same id")

    def country_counts(self) -> dict[str, int]:
        """Return how many rows each country has; the key is empty where none is known."""
        counts: Counter[str] = Counter()
        for shard in self.shards:
            ranges = shard.countries.ranges.items()
            counts.update({code: stop - start for code, (start, stop) in ranges})
        return dict(sorted(counts.items()))

    def search(
        self, query: NDArray[np.float32], k: int, country_codes: frozenset[str] | None
    ) -> list[tuple[int, float]]:
        """Return the rows most similar to a unit vector and their cosines, best first."""
        found: list[tuple[int, float]] = []
        mapped: list[CodedPart] = []
        for shard, start in zip(self.shards, self.starts, strict=False):
            ranges = None if country_codes is None else shard.countries.inside(country_codes)
            if isinstance(shard.vectors, CodedVectors):
                mapped.append(CodedPart(shard.vectors, start, ranges))
                continue
            scores, rows = search_index(shard.vectors, query, k, ranges)
            found += zip((rows + start).tolist(), scores.tolist(), strict=True)
        if mapped:
            found += search_coded(mapped, query, k)
        return sorted(found, key=lambda hit: -hit[1])[:k] if len(self.shards) > 1 else found[:k]

    def stored_vectors(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return vectors of some rows as they are stored, shape [rows, dimension]."""
        found = np.empty((len(rows), self.shards[0].manifest.dimension), np.float32)
        for shard, start in zip(self.shards, self.starts, strict=False):
            here = np.flatnonzero((rows >= start) & (rows < start + len(shard)))
            if len(here):
                found[here] = stored_vectors(shard.vectors, rows[here] - start)
        return found

    def find(self, position: int) -> tuple[Shard, int]:
        """Return the shard of a row, and its number there."""
        number = bisect_right(self.starts, position) - 1
        return self.shards[number], position - self.starts[number]


class ShardKeypoints:
    """The keypoints of an index by row, where all of its shards keep some."""

    def __init__(self, shards: Shards) -> None:
        self._shards = shards

    def __len__(self) -> int:
        return len(self._shards)

    def read(self, row: int) -> Keypoints:
        """Return the keypoints of a row.

        Raises:
            ToolError: the file is gone, or not the one that the index was opened with.
        """
        return read_keypoints(self.read_record(row))

    def read_record(self, row: int) -> bytes:
        """Return the checked record of a row.

        Raises:
            ToolError: the file is gone, or not the one that the index was opened with.
        """
        shard, inside = self._shards.find(row)
        assert shard.keypoints is not None
        return shard.keypoints.read_record(inside)


def keypoints_of(shards: Shards) -> ShardKeypoints | None:
    """Return the keypoints of an index; None where a shard keeps none."""
    if any(shard.keypoints is None for shard in shards.shards):
        return None
    return ShardKeypoints(shards)
