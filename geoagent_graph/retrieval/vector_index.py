"""FAISS indexes of unit vectors: made, grown, written, and read without trusting the file.

Below 50,000 vectors every vector is compared, in float32 (IndexFlatIP). From there on a number is
stored in one byte, and every vector is still compared (IndexScalarQuantizer). From 500,000 on the
vectors are split into lists too (IndexIVFScalarQuantizer), and a search of the whole index looks
into the nearest quarter of them. A search inside a region always looks at every vector of it, in
one pass, so it returns exactly the best of the region (by the stored vectors).
"""

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.coded_index import check_coded, codes_of, grow_coded, make_coded
from geoagent_graph.retrieval.coded_shard import CodedVectors
from geoagent_graph.retrieval.faiss_module import import_faiss, read_bounded
from geoagent_graph.retrieval.index_format import HashingFile, IndexKind

MIN_CODED_VECTORS = 50_000
MIN_IVF_VECTORS = 500_000
_BATCH_VECTORS = 8192
_TRAIN_PER_LIST = 64
_MIN_PROBES = 32
MAX_NORM_ERROR = 0.01
"""How far the length of a stored vector may be from 1: rounding to half precision is 0.001."""
MAX_CODED_NORM_ERROR = 0.25
"""The same with one byte a number: vectors added later are cut to the range of the first ones."""
_MAX_COMPONENT = 1.01  # component of a unit vector, with room for rounding
_FOURCC = {
    "IndexFlat": b"IxFI",
    "IndexScalarQuantizer": b"IxSQ",
    "IndexIVFScalarQuantizer": b"IwSq",
}


def index_kind(count: int) -> IndexKind:
    """Return the kind of index for a number of vectors."""
    if count < MIN_CODED_VECTORS:
        return "IndexFlat"
    return "IndexScalarQuantizer" if count < MIN_IVF_VECTORS else "IndexIVFScalarQuantizer"


def kind_of(index: Any) -> IndexKind:
    """Return the kind that an index is: one that was made with lists keeps them as it grows."""
    faiss = import_faiss()

    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        return "IndexIVFScalarQuantizer"
    is_coded = isinstance(index, faiss.IndexScalarQuantizer)
    return "IndexScalarQuantizer" if is_coded else "IndexFlat"


def list_count(count: int) -> int:
    """Return into how many lists an index of `count` vectors is split: about 4 * sqrt(count)."""
    return int(min(65_536, max(64, 4 * count**0.5)))


def make_index(vectors: NDArray[np.float32], order: NDArray[np.int64]) -> Any:
    """Return a FAISS index of `vectors[order]`, shape [count, dimension], ids 0 to count - 1.

    `vectors` may be a memory map; it is read in batches. Training is seeded: the same vectors give
    the same index.
    """
    faiss = import_faiss()

    kind = index_kind(len(order))
    if kind == "IndexFlat":
        index = faiss.IndexFlatIP(int(vectors.shape[1]))
    elif kind == "IndexScalarQuantizer":
        index = make_coded(vectors, order)
    else:
        index = _train_ivf(vectors, order)
    _add_vectors(index, vectors, order)
    return index


def _train_ivf(vectors: NDArray[np.float32], order: NDArray[np.int64]) -> Any:
    faiss = import_faiss()

    lists = list_count(len(order))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(int(vectors.shape[1])),
        int(vectors.shape[1]),
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    sample_size = min(len(order), lists * _TRAIN_PER_LIST)
    sample = np.random.default_rng(0).choice(order, sample_size, replace=False)
    index.cp.spherical = True
    index.train(np.ascontiguousarray(vectors[np.sort(sample)], dtype=np.float32))
    return index


def _add_vectors(index: Any, vectors: NDArray[np.float32], order: NDArray[np.int64]) -> None:
    for start in range(0, len(order), _BATCH_VECTORS):
        batch = vectors[order[start : start + _BATCH_VECTORS]]
        index.add(np.ascontiguousarray(batch, dtype=np.float32))


def grow_index(
    index: Any,
    old_positions: NDArray[np.int64],
    vectors: NDArray[np.float32],
    new_positions: NDArray[np.int64],
) -> Any:
    """Return a new index: old vector i at `old_positions[i]`, `vectors[j]` at `new_positions[j]`.

    An old position of -1 leaves the vector out; the others and the new ones together are a
    permutation of 0 to count - 1. An index that shrinks stays of its kind. Stored codes are copied,
    so a vector does not lose precision however often the index grows; only the steps from floats to
    bytes and from bytes to lists encode the old vectors anew, as they are stored.
    """
    faiss = import_faiss()

    kept = old_positions >= 0
    count = int(kept.sum()) + len(new_positions)
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        return _grow_ivf(index, old_positions, vectors, new_positions)
    if kind_of(index) == "IndexScalarQuantizer" and count < MIN_IVF_VECTORS:
        return grow_coded(index, old_positions, vectors, new_positions)
    merged = np.empty((count, index.d), dtype=np.float32)
    for start in range(0, index.ntotal, _BATCH_VECTORS):
        rows = slice(start, min(start + _BATCH_VECTORS, index.ntotal))
        old = index.reconstruct_n(start, rows.stop - start)
        merged[old_positions[rows][kept[rows]]] = old[kept[rows]]
    merged[new_positions] = vectors
    return make_index(merged, np.arange(count))


def _grow_ivf(
    index: Any,
    old_positions: NDArray[np.int64],
    vectors: NDArray[np.float32],
    new_positions: NDArray[np.int64],
) -> Any:
    faiss = import_faiss()

    added = faiss.clone_index(index)
    added.reset()
    if len(new_positions):
        added.add_with_ids(vectors, new_positions)
    old, new = index.invlists, added.invlists
    grown = faiss.ArrayInvertedLists(index.nlist, index.code_size)
    for number in range(index.nlist):
        old_ids, old_codes = _list_entries(old, number, index.code_size)
        new_ids, new_codes = _list_entries(new, number, index.code_size)
        ids = np.concatenate([old_positions[old_ids], new_ids])
        ascending = np.argsort(ids)[int(np.sum(ids < 0)) :]  # what is left out comes first
        ids = np.ascontiguousarray(ids[ascending])
        codes = np.ascontiguousarray(np.concatenate([old_codes, new_codes])[ascending])
        if len(ids):
            grown.add_entries(number, len(ids), faiss.swig_ptr(ids), faiss.swig_ptr(codes))
    added.replace_invlists(grown, True)
    grown.this.disown()
    added.ntotal = int(np.sum(old_positions >= 0)) + len(new_positions)
    return added


def _list_entries(
    lists: Any,
    number: int,
    code_size: int,
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    faiss = import_faiss()

    size = lists.list_size(number)
    if not size:
        return np.empty(0, np.int64), np.empty((0, code_size), np.uint8)
    ids = faiss.rev_swig_ptr(lists.get_ids(number), size).copy()
    codes = faiss.rev_swig_ptr(lists.get_codes(number), size * code_size).copy()
    return ids, codes.reshape(size, code_size)


def stored_vectors(index: Any, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return some vectors of an index as it stores them, shape [rows, dimension]."""
    faiss = import_faiss()

    if isinstance(index, CodedVectors):
        return index.vectors_at(rows)
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        index.set_direct_map_type(faiss.DirectMap.Array)
    found: NDArray[np.float32] = index.reconstruct_batch(rows)
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        index.set_direct_map_type(faiss.DirectMap.NoMap)  # as it is written
    return found


def write_vectors(index: Any, sink: HashingFile) -> None:
    """Write an index; an OSError of the sink passes through."""
    faiss = import_faiss()

    faiss.write_index(index, faiss.PyCallbackIOWriter(sink.write))


def read_vectors(
    file: BinaryIO,
    size_bytes: int,
    kind: IndexKind,
    dimension: int,
    count: int,
) -> Any:
    """Return the FAISS index in an open file whose sha256 has been checked.

    Raises:
        ReferenceIndexError: it is not an index of this kind, dimension and count; the message does
            not name the folder, the caller adds it.
    """
    faiss = import_faiss()

    if file.read(4) != _FOURCC[kind]:
        raise ReferenceIndexError(f"it is not an {kind}")
    file.seek(0)
    index = read_bounded(faiss.PyCallbackIOReader(file.read), size_bytes)
    if (index.d, index.ntotal) != (dimension, count):
        raise ReferenceIndexError(
            f"it holds {index.ntotal} vectors of dimension {index.d} "
            f"instead of {count} of dimension {dimension}"
        )
    if index.metric_type != faiss.METRIC_INNER_PRODUCT or not index.is_trained:
        raise ReferenceIndexError("its metric is not the inner product")
    if kind == "IndexIVFScalarQuantizer":
        _check_ivf(index)
    elif kind == "IndexScalarQuantizer":
        _check_coded(index)
    else:
        numbers = faiss.rev_swig_ptr(index.get_xb(), count * dimension)
        _check_norms(numbers.reshape(count, dimension), MAX_NORM_ERROR)
    return index


def _check_norms(vectors: NDArray[np.float32], tolerance: float) -> None:
    """Refuse what is no unit vector: zeros and NaN too, which would score as anything."""
    for start in range(0, len(vectors), _BATCH_VECTORS):
        batch = vectors[start : start + _BATCH_VECTORS]
        norms = np.sqrt(np.einsum("nd,nd->n", batch, batch, dtype=np.float64))
        if not np.all(np.abs(norms - 1.0) <= tolerance):
            raise ReferenceIndexError("its vectors are not unit vectors")


def _check_components(numbers: NDArray[np.float32]) -> None:
    """Refuse numbers that no unit vector has."""
    for start in range(0, len(numbers), _BATCH_VECTORS * 128):
        if not np.all(np.abs(numbers[start : start + _BATCH_VECTORS * 128]) <= _MAX_COMPONENT):
            raise ReferenceIndexError("its vectors are not unit vectors")


def _check_coded(index: Any) -> None:
    """Refuse codes that are no unit vectors when decoded."""
    faiss = import_faiss()

    check_coded(index)
    _check_components(faiss.vector_to_array(index.sq.trained) / 2)  # lowest, and how far to highest
    codes = codes_of(index)
    for start in range(0, len(codes), _BATCH_VECTORS):
        _check_norms(index.sq.decode(codes[start : start + _BATCH_VECTORS]), MAX_CODED_NORM_ERROR)


def _check_ivf(index: Any) -> None:
    """Refuse lists whose ids are not exactly 0 to count - 1, ascending in every list."""
    faiss = import_faiss()

    quantizer = faiss.downcast_index(index.quantizer)
    consistent = (
        isinstance(index, faiss.IndexIVFScalarQuantizer)
        and isinstance(quantizer, faiss.IndexFlat)
        and (quantizer.ntotal, quantizer.d) == (index.nlist, index.d)
        and (index.invlists.nlist, index.invlists.code_size) == (index.nlist, index.code_size)
        and index.sq.qtype == faiss.ScalarQuantizer.QT_8bit
        and (index.code_size, index.sq.code_size, index.sq.d) == (index.d, index.d, index.d)
        and index.sq.trained.size() == 2 * index.d
        and index.direct_map.type == faiss.DirectMap.NoMap
    )
    if not consistent:
        raise ReferenceIndexError("its parts do not fit together")
    centres = faiss.rev_swig_ptr(quantizer.get_xb(), quantizer.ntotal * quantizer.d)
    _check_components(centres)
    centres = centres.reshape(index.nlist, index.d) * np.float32(index.by_residual)
    _check_components(faiss.vector_to_array(index.sq.trained) / 2)  # differences of unit vectors
    seen = np.zeros(index.ntotal, dtype=bool)
    for number in range(index.nlist):
        ids, codes = _list_entries(index.invlists, number, index.code_size)
        _check_codes(index, codes, centres[number])
        if np.any((ids < 0) | (ids >= len(seen))) or np.any(ids[1:] <= ids[:-1]):
            raise ReferenceIndexError("its ids are not in order")
        seen[ids] = True
    if not seen.all():
        raise ReferenceIndexError("some of its ids are missing")


def _check_codes(index: Any, codes: NDArray[np.uint8], centre: NDArray[np.float32]) -> None:
    """Refuse vectors of a list, coded from its centre, that are no unit vectors when decoded."""
    for start in range(0, len(codes), _BATCH_VECTORS):
        decoded = index.sq.decode(codes[start : start + _BATCH_VECTORS]) + centre
        _check_norms(decoded, MAX_CODED_NORM_ERROR)


def search_index(
    index: Any,
    query: NDArray[np.float32],
    k: int,
    ranges: list[tuple[int, int]] | None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (scores, positions), best first, of at most k vectors inside `ranges` (None: all).

    `query` has shape [dimension]. Inside ranges the result is exact by the stored vectors.
    """
    if ranges is None:
        return _search_rows(index, query, min(k, index.ntotal), None)
    if not ranges:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    if len(ranges) > 1 and kind_of(index) != "IndexFlat":  # which alone skips what lies outside
        inside = sum(stop - start for start, stop in ranges)
        return _search_rows(index, query, min(k, inside), _bitmap_of(ranges, index.ntotal))
    found = [
        _search_rows(index, query, min(k, stop - start), _range_of(start, stop))
        for start, stop in ranges
    ]
    scores = np.concatenate([scores for scores, _ in found])
    positions = np.concatenate([positions for _, positions in found])
    best = np.argsort(-scores, kind="stable")[:k]
    return scores[best], positions[best]


def _range_of(start: int, stop: int) -> Any:
    # True: ids ascend within a list, so that FAISS finds the range by bisection.
    return import_faiss().IDSelectorRange(int(start), int(stop), True)


def _bitmap_of(ranges: list[tuple[int, int]], count: int) -> Any:
    """Return a selector of many ranges at once: a bit a vector."""
    inside = np.zeros(count, dtype=np.uint8)
    for start, stop in ranges:
        inside[start:stop] = 1
    return import_faiss().IDSelectorBitmap(np.packbits(inside, bitorder="little"))


def _search_rows(
    index: Any,
    query: NDArray[np.float32],
    k: int,
    selector: Any,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    faiss = import_faiss()

    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        probes = index.nlist if selector else max(_MIN_PROBES, index.nlist // 4)
        parameters = faiss.SearchParametersIVF(nprobe=min(probes, index.nlist), sel=selector)
    else:
        parameters = faiss.SearchParameters(sel=selector) if selector else None
    scores, positions = index.search(query[None, :], k, params=parameters)
    kept = positions[0] >= 0
    return scores[0][kept], positions[0][kept]
