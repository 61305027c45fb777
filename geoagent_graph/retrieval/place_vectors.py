"""The vectors that an index learns places from: of all its photos, or of a sample that is bounded.

A file of records, one a photo in the order of the index: its row and its vector in half precision.
They are read when the index learns anew, not when it is searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.manifest_rows import ManifestRow

MAX_PLACE_VECTORS: Final = 10_000  # of a larger index, drawn evenly
_BATCH_RECORDS: Final = 1024
_SEED: Final = 20_261_130


@dataclass(frozen=True, slots=True, eq=False)
class PlaceVectors:
    """Vectors of `encoder_id`, shape [n, dimension], of the rows of an index told, ascending."""

    encoder_id: str
    rows: NDArray[np.int64]
    vectors: NDArray[Any]


def choose_lines(rows: Sequence[ManifestRow], held: int) -> frozenset[int] | None:
    """Return on which lines the photos are whose vectors are kept; None where all are.

    `held` is how many photos the index has already.
    """
    share = MAX_PLACE_VECTORS / max(held + len(rows), 1)
    if share >= 1.0:
        return None
    count = round(share * len(rows))
    drawn = np.random.default_rng(_SEED).choice(len(rows), count, replace=False)
    return frozenset(rows[number].line for number in drawn.tolist())


def join_vectors(old: PlaceVectors, new: PlaceVectors) -> PlaceVectors:
    """Return both; so many of the old ones are left out, at random, that they stay bounded."""
    room = max(MAX_PLACE_VECTORS - len(new.rows), 0)
    kept = np.arange(len(old.rows))
    if len(kept) > room:
        kept = np.sort(np.random.default_rng(_SEED).choice(kept, room, replace=False))
    rows = np.concatenate([old.rows[kept], new.rows])
    vectors = np.concatenate([old.vectors[kept], new.vectors.astype(np.float16)])
    order = np.argsort(rows)
    return PlaceVectors(old.encoder_id, rows[order], vectors[order])


def write_place_vectors(places: PlaceVectors, sink: HashingFile) -> None:
    """Write the records; an OSError of the sink passes through."""
    record = _record(places.vectors.shape[1])
    for start in range(0, len(places.rows), _BATCH_RECORDS):
        part = slice(start, start + _BATCH_RECORDS)
        records = np.empty(len(places.rows[part]), record)
        records["row"] = places.rows[part]
        records["vector"] = places.vectors[part]
        sink.write(records.tobytes())


def read_place_vectors(
    file: BinaryIO, size_bytes: int, encoder_id: str, dimension: int, count: int
) -> PlaceVectors:
    """Return the vectors in an open file, whose sha256 has been checked, of an index of `count`.

    Raises:
        ReferenceIndexError: they are none of such an index; the message does not name the folder,
            the caller adds it.
    """
    record = _record(dimension)
    if size_bytes % record.itemsize or size_bytes > record.itemsize * MAX_PLACE_VECTORS:
        raise ReferenceIndexError("its size does not fit")
    records = np.frombuffer(file.read(size_bytes), record)
    rows = records["row"].astype(np.int64)
    if np.any(rows[1:] <= rows[:-1]) or rows[-1] >= count:
        raise ReferenceIndexError("its rows are not in order")
    if not np.isfinite(records["vector"]).all():
        raise ReferenceIndexError("its vectors are not finite")
    return PlaceVectors(encoder_id, rows, records["vector"])


def _record(dimension: int) -> np.dtype[np.void]:
    return np.dtype([("row", "<u4"), ("vector", "<f2", (dimension,))])
