"""Which kind of index suits so many photos, and what it will cost, before it is made.

The unit costs were measured on one shared core of a cloud machine with 40,000 to ten million
vectors of 256 numbers; what is said of other numbers of photos is extrapolated from them, by
counting the multiplications of training and of choosing lists.
"""

import math
from dataclasses import dataclass
from typing import Final

from geoagent_graph.retrieval.index_format import IndexKind
from geoagent_graph.retrieval.scan_codes import (
    BLOCK,
    ROUNDS,
    TRAIN_PER_LIST,
    disk_bytes_of,
)
from geoagent_graph.retrieval.vector_index import MIN_CODED_VECTORS, MIN_IVF_VECTORS, list_count

MAX_SHARD_VECTORS: Final = 1 << 20
DEFAULT_MEMORY_BYTES: Final = 1_500_000_000
MAX_LISTS: Final = 4096
_ROW_BYTES: Final = 160
_ID_BYTES: Final = 8
_ROW_SECONDS: Final = 27e-6
_ENCODE_SECONDS: Final = 5e-6 / 256
"""Of a number of a vector that is coded: written, turned, coded, put into its list."""
_FLOPS: Final = 1.1e11
"""Of k-means and of choosing lists, on one core: 2,048 lists took 9.7 s for 131,072 vectors."""
_IVF_ROUNDS: Final = 25
_IVF_TRAIN_PER_LIST: Final = 64


@dataclass(frozen=True, slots=True)
class IndexPlan:
    """A kind of index for `count` vectors, and what it costs.

    `memory_bytes` is what a search keeps in memory, mapped files apart; `cpu_seconds` is what the
    build takes once the photos are embedded.
    """

    kind: IndexKind
    count: int
    dimension: int
    lists: int
    shards: int
    cpu_seconds: float
    disk_bytes: int
    memory_bytes: int

    def describe(self) -> str:
        """Return the plan in one line for people."""
        parts = f", {self.shards} shards" if self.shards > 1 else ""
        lists = f", {self.lists} lists" if self.lists else ""
        return (
            f"{self.count} x {self.dimension}: {self.kind}{lists}{parts}; about "
            f"{_duration(self.cpu_seconds)} of one core once embedded, "
            f"{self.disk_bytes / 1e9:.2f} GB on disk, {self.memory_bytes / 1e9:.2f} GB in memory "
            "when searched"
        )


def plan_index(count: int, dimension: int, memory_bytes: float = DEFAULT_MEMORY_BYTES) -> IndexPlan:
    """Return the kind of index that suits: the simplest that fits into memory when searched.

    Every vector below 50,000, a byte a number below 500,000, lists above; compressed codes in
    files that are mapped into memory, and the exact vectors to rank the best again, where the bytes
    would take more than half of `memory_bytes`.
    """
    coded = count >= MIN_IVF_VECTORS and 2 * count * (dimension + _ID_BYTES) > memory_bytes
    lists = shards = 0
    kind: IndexKind
    if coded:
        kind, lists = "IndexIVFPQFastScan", min(MAX_LISTS, 4 * math.isqrt(count))
        shards = -(-count // MAX_SHARD_VECTORS)
        codes = count + shards * lists * BLOCK // 2  # half of the last block of a list is empty
        disk = codes * disk_bytes_of(dimension) + count * 2 * dimension
        memory = shards * lists * dimension * 4
    elif count >= MIN_IVF_VECTORS:
        kind, lists = "IndexIVFScalarQuantizer", list_count(count)
        disk = count * (dimension + _ID_BYTES) + lists * dimension * 4
        memory = disk + count * _ROW_BYTES
    elif count >= MIN_CODED_VECTORS:
        kind, disk = "IndexScalarQuantizer", count * dimension
        memory = disk + count * _ROW_BYTES
    else:
        kind, disk = "IndexFlat", count * dimension * 4
        memory = disk + count * _ROW_BYTES
    seconds = count * _ROW_SECONDS + _list_seconds(kind, count, dimension, lists)
    return IndexPlan(
        kind, count, dimension, lists, max(shards, 1), seconds, disk + count * _ROW_BYTES, memory
    )


def _list_seconds(kind: IndexKind, count: int, dimension: int, lists: int) -> float:
    """Return the CPU time of training lists, of choosing one for every vector, and of coding."""
    per_vector = 2 * lists * dimension / _FLOPS
    if kind == "IndexIVFPQFastScan":
        trained = min(count, lists * TRAIN_PER_LIST) * ROUNDS
        return (trained + count) * per_vector + count * dimension * _ENCODE_SECONDS
    trained = min(count, lists * _IVF_TRAIN_PER_LIST) * _IVF_ROUNDS
    return (trained + count) * per_vector


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
