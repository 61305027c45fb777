"""Which kind of index suits so many photos, and what it will cost, before it is made.

The unit costs were measured by `benchmarks/index_growth.py` on one shared core of a cloud machine
with vectors of 256 numbers; they grow with the dimension, and say what to expect, not what will be.
"""

import math
from dataclasses import dataclass
from typing import Final

from geoagent_graph.retrieval.index_format import IndexKind
from geoagent_graph.retrieval.vector_index import MIN_CODED_VECTORS, MIN_IVF_VECTORS, list_count

MAX_SHARD_VECTORS: Final = 1 << 20
DEFAULT_MEMORY_BYTES: Final = 1_500_000_000
MAX_LISTS: Final = 4096
_ROW_BYTES: Final = 220
_ID_BYTES: Final = 8
_MICROSECONDS: Final[dict[str, float]] = {
    "IndexFlat": 12.0,
    "IndexScalarQuantizer": 14.0,
    "IndexIVFScalarQuantizer": 60.0,
    "IndexIVFRaBitQ": 110.0,
}
"""CPU time a vector of 256 numbers, from the table to the finished index."""


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
        kind, lists = "IndexIVFRaBitQ", min(MAX_LISTS, 4 * math.isqrt(count))
        shards = -(-count // MAX_SHARD_VECTORS)
        code_bytes = -(-3 * dimension // 8) + 20 + _ID_BYTES
        disk, memory = count * (code_bytes + 2 * dimension), shards * lists * dimension * 4
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
    seconds = count * _MICROSECONDS[kind] * 1e-6 * dimension / 256
    return IndexPlan(
        kind, count, dimension, lists, max(shards, 1), seconds, disk + count * _ROW_BYTES, memory
    )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
