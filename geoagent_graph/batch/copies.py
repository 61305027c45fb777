"""Photos of a batch with the same bytes: of each set the first is located, the others copy it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.batch.file_systems import file_errors, find_at, open_at

if TYPE_CHECKING:
    import pyarrow as pa

EDGE_BYTES: Final = 4096
"""So much of the beginning and the end tells nearly all photos of one size apart."""
_CHUNK_BYTES: Final = 1 << 20
_THREADS: Final = 16  # they wait for servers, or for a disk
_COLUMNS: Final = ("location", "offset", "size", "problem")
_ROWS_AT_ONCE: Final = 4096
_NO_SIZE: Final = -1


def first_rows(listed: "pa.Table") -> NDArray[np.int64]:
    """Return for every row the number of the first one with the same bytes, often its own.

    Of photos of one size the edges are read, of those with the same edges the whole; what cannot
    be read is no copy. A row with a problem is not looked at: its place may be one that a manifest
    must not reach.
    """
    first = np.arange(listed.num_rows, dtype=np.int64)
    parts = listed.select(list(_COLUMNS))
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="copies") as pool:
        sizes = _find_sizes(parts, pool)
        groups: Iterable[Sequence[int]] = _groups_of(sizes)
        for length in (EDGE_BYTES, None):
            groups = list(_split_groups(groups, parts, length, pool))
    for group in groups:
        first[list(group)] = min(group)
    return first


def _find_sizes(parts: "pa.Table", pool: ThreadPoolExecutor) -> NDArray[np.int64]:
    """Return the size of every photo in bytes; of rows of a manifest it is looked up."""
    sizes: NDArray[np.int64] = parts["size"].fill_null(_NO_SIZE).to_numpy().copy()
    has_photo = parts["problem"].is_null().to_numpy()
    sizes[~has_photo] = _NO_SIZE
    unknown = np.flatnonzero((sizes == _NO_SIZE) & has_photo)
    for start in range(0, len(unknown), _ROWS_AT_ONCE):  # a pool keeps what waits for it
        rows = unknown[start : start + _ROWS_AT_ONCE]
        located = parts["location"].take(rows).to_pylist()
        sizes[rows] = list(pool.map(_size_at, located))
    return sizes


def _size_at(location: str | None) -> int:
    if location is None:
        return _NO_SIZE
    try:
        fs, path = find_at(location)
        with file_errors(location):
            size = fs.info(path)["size"]
    except (OSError, ImportError, ValueError):  # said when it is located
        return _NO_SIZE
    return _NO_SIZE if size is None else int(size)


def _groups_of(sizes: NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield the rows of each size that several have."""
    order = np.argsort(sizes, kind="stable")
    ends = np.flatnonzero(np.diff(sizes[order])) + 1
    for rows in np.split(order, ends):
        if len(rows) > 1 and sizes[rows[0]] > 0:
            yield rows.tolist()


def _split_groups(
    groups: Iterable[Sequence[int]],
    parts: "pa.Table",
    edge_bytes: int | None,
    pool: ThreadPoolExecutor,
) -> Iterator[Sequence[int]]:
    """Yield the groups that still agree once their edges, or all of their bytes, were read."""
    for group in groups:
        rows = parts.take(list(group)).to_pylist()
        digests = pool.map(lambda row: _photo_digest(row, edge_bytes), rows)
        alike: dict[bytes, list[int]] = {}
        for number, digest in zip(group, digests, strict=True):
            if digest is not None:
                alike.setdefault(digest, []).append(number)
        yield from (numbers for numbers in alike.values() if len(numbers) > 1)


def _photo_digest(row: dict[str, Any], edge_bytes: int | None) -> bytes | None:
    """Return a digest of the edges of a photo, or of all its bytes; None where it has none."""
    start, size = row["offset"] or 0, row["size"]
    digest = hashlib.sha256()
    try:
        fs, path = find_at(row["location"])
        with open_at(fs, path, row["location"], read_bytes=edge_bytes) as stream:
            for begin, length in _read_spans(stream, start, size, edge_bytes):
                stream.seek(begin)
                digest.update(stream.read(length))
    except (OSError, ImportError, ValueError):  # said when it is located
        return None
    return digest.digest()


def _read_spans(
    stream: Any, start: int, size: int | None, edge_bytes: int | None
) -> Iterator[tuple[int, int]]:
    """Yield where to read, in pieces: of the whole, or of its beginning and its end."""
    end = start + size if size is not None else stream.seek(0, 2)
    if edge_bytes is not None:
        yield start, min(edge_bytes, end - start)
        yield max(start, end - edge_bytes), min(edge_bytes, end - start)
        return
    for begin in range(start, end, _CHUNK_BYTES):
        yield begin, min(_CHUNK_BYTES, end - begin)
