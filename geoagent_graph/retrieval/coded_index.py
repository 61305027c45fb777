"""A flat index with one byte per number: made in two passes, grown by copying, checked when read.

Every vector is compared, so nothing near is missed but what the bytes cannot tell apart: ten of the
best in a thousand. The bytes of a number divide the range that it has over all vectors evenly.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError

_BATCH_VECTORS = 8192


def make_coded(vectors: NDArray[np.float32], order: NDArray[np.int64]) -> Any:
    """Return an empty index whose ranges are those of `vectors[order]`, shape [count, dimension].

    FAISS takes the ranges from what it is trained with: the lowest and the highest numbers alone
    are as good as all vectors, which need not fit into memory.
    """
    import faiss

    dimension = int(vectors.shape[1])
    low, high = np.full(dimension, np.inf), np.full(dimension, -np.inf)
    for start in range(0, len(order), _BATCH_VECTORS):
        batch = vectors[order[start : start + _BATCH_VECTORS]]
        low, high = np.minimum(low, batch.min(axis=0)), np.maximum(high, batch.max(axis=0))
    index = faiss.IndexScalarQuantizer(
        dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(np.ascontiguousarray(np.stack([low, high]), dtype=np.float32))
    return index


def grow_coded(
    index: Any,
    old_positions: NDArray[np.int64],
    vectors: NDArray[np.float32],
    new_positions: NDArray[np.int64],
) -> Any:
    """Return a new index: old code i at `old_positions[i]`, `vectors[j]` at `new_positions[j]`.

    An old position of -1 leaves the code out. The old codes are copied as they are; a new number
    outside the old range is cut to it.
    """
    kept = old_positions >= 0
    count = int(kept.sum()) + len(new_positions)
    grown = _empty_like(index)
    grown.codes.resize(count * index.code_size)  # filled in place: no third copy of all codes
    grown.ntotal = count
    codes, old = codes_of(grown), codes_of(index)
    for start in range(0, len(old), _BATCH_VECTORS):
        rows = slice(start, start + _BATCH_VECTORS)
        codes[old_positions[rows][kept[rows]]] = old[rows][kept[rows]]
    if len(new_positions):
        codes[new_positions] = index.sa_encode(np.ascontiguousarray(vectors, dtype=np.float32))
    return grown


def _empty_like(index: Any) -> Any:
    """Return an index without vectors whose numbers have the same ranges."""
    import faiss

    empty = faiss.IndexScalarQuantizer(index.d, index.sq.qtype, index.metric_type)
    faiss.copy_array_to_vector(faiss.vector_to_array(index.sq.trained), empty.sq.trained)
    empty.is_trained = index.is_trained
    return empty


def codes_of(index: Any) -> NDArray[np.uint8]:
    """Return the codes of an index, shape [count, bytes a vector]; a view, not a copy."""
    import faiss

    flat: NDArray[np.uint8] = faiss.rev_swig_ptr(index.codes.data(), index.codes.size())
    return flat.reshape(-1, index.code_size)


def check_coded(index: Any) -> None:
    """Refuse an index whose parts do not fit together.

    Raises:
        ReferenceIndexError: the message does not name the folder, the caller adds it.
    """
    import faiss

    consistent = (
        isinstance(index, faiss.IndexScalarQuantizer)
        and index.sq.qtype == faiss.ScalarQuantizer.QT_8bit
        and (index.code_size, index.sq.code_size, index.sq.d) == (index.d, index.d, index.d)
        and index.sq.trained.size() == 2 * index.d
        and index.codes.size() == index.ntotal * index.code_size
    )
    if not consistent:
        raise ReferenceIndexError("its parts do not fit together")
