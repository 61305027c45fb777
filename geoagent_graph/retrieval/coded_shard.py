"""Vectors as compressed codes in lists on disk, and the exact ones beside them to rank the best.

The codes (IndexIVFRaBitQ: three bits a number, Gao & Long, SIGMOD 2024 and 2025) are searched where
they lie, mapped into memory; the hundred that look best are compared exactly, in half precision.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.faiss_module import import_faiss

CODE_BITS: Final = 3
RERANKED: Final = 100
"""So many candidates are compared exactly, or ten for each that is asked for."""
PROBES: Final = 96
"""Lists that a search of all photos looks into."""
MAX_SCANNED: Final = 2048
"""In regions of no more photos every vector is compared exactly."""
TRAIN_PER_LIST: Final = 50
ROUNDS: Final = 8
_SEED: Final = 20_261_130
_BATCH_VECTORS: Final = 65_536
_MAX_NORM_ERROR: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class CodedVectors:
    """The vectors of a shard: `codes` is an IndexIVFRaBitQ, `exact` [count, dimension] float16.

    `centres` is the digest of the centres of its lists: shards that share them share a step of the
    search.
    """

    codes: Any
    exact: NDArray[np.float16]
    centres: bytes

    @property
    def d(self) -> int:
        """How long a vector is."""
        return int(self.exact.shape[1])

    @property
    def ntotal(self) -> int:
        """How many vectors there are."""
        return len(self.exact)

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the exact cosines of some rows with a unit vector."""
        vectors: NDArray[np.float32] = np.asarray(self.exact[rows], np.float32)
        return vectors @ query

    def vectors_at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the exact vectors of some rows, shape [rows, dimension]."""
        return np.asarray(self.exact[rows], np.float32)


def train_codes(sample: NDArray[np.float32], lists: int) -> Any:
    """Return an empty index trained on unit vectors, shape [n, dimension].

    One thread and fixed seeds: the same sample gives the same bytes.
    """
    faiss = import_faiss()

    dimension = int(sample.shape[1])
    quantizer = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFRaBitQ(
        quantizer, dimension, lists, faiss.METRIC_INNER_PRODUCT, True, CODE_BITS
    )
    quantizer.this.disown()
    index.own_fields = True
    index.cp.spherical = True
    index.cp.seed = _SEED
    index.cp.niter = ROUNDS
    index.cp.min_points_per_centroid = 1
    index.cp.max_points_per_centroid = TRAIN_PER_LIST
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        index.train(np.ascontiguousarray(sample, np.float32))
    finally:
        faiss.omp_set_num_threads(threads)
    return index


def empty_like(codes: Any) -> Any:
    """Return a trained index with the lists of another, and no vectors."""
    faiss = import_faiss()
    quantizer = faiss.clone_index(codes.quantizer)
    index = faiss.IndexIVFRaBitQ(
        quantizer, codes.d, codes.nlist, codes.metric_type, True, codes.rabitq.nb_bits
    )
    quantizer.this.disown()
    index.own_fields = True
    index.cp = codes.cp
    index.is_trained = True
    return index


def encode(template: Any, exact: NDArray[np.float16]) -> Any:
    """Return a trained index with these vectors in it, rows 0 to count - 1."""
    faiss = import_faiss()

    index = faiss.clone_index(template)
    index.own_fields = True
    for start in range(0, len(exact), _BATCH_VECTORS):
        index.add(np.asarray(exact[start : start + _BATCH_VECTORS], np.float32))
    return index


def candidates(
    vectors: CodedVectors,
    query: NDArray[np.float32],
    count: int,
    ranges: Sequence[tuple[int, int]] | None,
    nearest: tuple[NDArray[np.int64], NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (estimated or exact cosines, rows) of at most `count` rows that look most similar.

    `nearest` are lists and their scores, best first: see `nearest_lists`.
    """
    faiss = import_faiss()

    if ranges is not None:
        inside = sum(stop - start for start, stop in ranges)
        if inside <= MAX_SCANNED:
            rows = np.concatenate([np.arange(*r) for r in ranges] or [np.empty(0, np.int64)])
            return vectors.scores(query, rows), rows.astype(np.int64)
    parameters = faiss.SearchParametersIVF(nprobe=len(nearest[0]), sel=_selector(vectors, ranges))
    k = min(count, vectors.ntotal)
    scores, rows = np.empty(k, np.float32), np.empty(k, np.int64)
    lists, list_scores = nearest
    vectors.codes.search_preassigned_c(  # the method for arrays takes no parameters
        1, faiss.swig_ptr(query), k, faiss.swig_ptr(lists), faiss.swig_ptr(list_scores),
        faiss.swig_ptr(scores), faiss.swig_ptr(rows), False, parameters,
    )  # fmt: skip
    found = rows >= 0
    return scores[found], rows[found]


def nearest_lists(
    vectors: CodedVectors, query: NDArray[np.float32], probes: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the lists nearest to a unit vector, and their scores."""
    scores, lists = vectors.codes.quantizer.search(query[None], min(probes, vectors.codes.nlist))
    return np.ascontiguousarray(lists[0]), np.ascontiguousarray(scores[0])


def probes_for(share: float) -> int:
    """Return how many lists to look into for a share of all photos: more where it is small."""
    return int(min(8 * PROBES, PROBES / max(share, 1e-3) ** 0.5))


def _selector(vectors: CodedVectors, ranges: Sequence[tuple[int, int]] | None) -> Any:
    faiss = import_faiss()

    if ranges is None or list(ranges) == [(0, vectors.ntotal)]:
        return None
    if len(ranges) == 1:  # ids ascend within a list, so that FAISS finds the range by bisection
        return faiss.IDSelectorRange(int(ranges[0][0]), int(ranges[0][1]), True)
    inside = np.zeros(vectors.ntotal, np.uint8)
    for start, stop in ranges:
        inside[start:stop] = 1
    return faiss.IDSelectorBitmap(np.packbits(inside, bitorder="little"))


def open_coded(
    codes_path: Path, exact_path: Path, dimension: int, count: int, *, is_checked: bool
) -> CodedVectors:
    """Return the vectors of files whose sha256 has been checked, mapped into memory.

    `is_checked` leaves out looking at every id and vector: of files that were looked at before.

    Raises:
        ReferenceIndexError: they are not such an index; the message does not name the folder.
    """
    faiss = import_faiss()

    try:
        codes = faiss.read_index(str(codes_path), faiss.IO_FLAG_MMAP)
    except (RuntimeError, MemoryError) as error:
        raise ReferenceIndexError("FAISS cannot read it") from error
    exact = np.memmap(exact_path, np.float16, "r", shape=(count, dimension))
    _check_codes(codes, dimension, count)
    if not is_checked:
        _check_lists(codes)
        _check_exact(exact)
    quantizer = faiss.downcast_index(codes.quantizer)
    centres = faiss.rev_swig_ptr(quantizer.get_xb(), codes.nlist * dimension)
    if not np.isfinite(centres).all():
        raise ReferenceIndexError("its centres are not finite")
    return CodedVectors(codes, exact, hashlib.sha256(centres.tobytes()).digest())


def _check_codes(codes: Any, dimension: int, count: int) -> None:
    """Refuse parts that do not fit together."""
    faiss = import_faiss()

    fits = (
        isinstance(codes, faiss.IndexIVFRaBitQ)
        and (codes.d, codes.ntotal) == (dimension, count)
        and codes.metric_type == faiss.METRIC_INNER_PRODUCT
        and codes.is_trained
    )
    if not fits:
        raise ReferenceIndexError("it is not an index of this kind, dimension and count")
    fresh = faiss.RaBitQuantizer(dimension, faiss.METRIC_INNER_PRODUCT, codes.rabitq.nb_bits)
    quantizer = faiss.downcast_index(codes.quantizer)
    fits = (
        isinstance(quantizer, faiss.IndexFlat)
        and (quantizer.ntotal, quantizer.d) == (codes.nlist, dimension)
        and quantizer.codes.size() == codes.nlist * dimension * 4
        and 1 <= codes.rabitq.nb_bits <= 8
        and codes.rabitq.d == dimension
        and codes.code_size == codes.rabitq.code_size == fresh.code_size
        and (codes.invlists.nlist, codes.invlists.code_size) == (codes.nlist, codes.code_size)
        and codes.direct_map.type == faiss.DirectMap.NoMap
    )
    if not fits:
        raise ReferenceIndexError("its parts do not fit together")


def _check_lists(codes: Any) -> None:
    """Refuse lists whose ids are not exactly 0 to count - 1, ascending in every list."""
    faiss = import_faiss()

    seen = np.zeros(codes.ntotal, np.bool_)
    for number in range(codes.nlist):
        size = codes.invlists.list_size(number)
        if not size:
            continue
        ids = faiss.rev_swig_ptr(codes.invlists.get_ids(number), size)
        if ids[0] < 0 or ids[-1] >= len(seen) or np.any(ids[1:] <= ids[:-1]):
            raise ReferenceIndexError("its ids are not in order")
        seen[ids] = True
    if not seen.all():
        raise ReferenceIndexError("some of its ids are missing")


def _check_exact(exact: NDArray[np.float16]) -> None:
    """Refuse what is no unit vector."""
    for start in range(0, len(exact), _BATCH_VECTORS):
        batch = np.asarray(exact[start : start + _BATCH_VECTORS], np.float32)
        norms = np.sqrt(np.einsum("nd,nd->n", batch, batch))
        if not np.all(np.abs(norms - 1.0) <= _MAX_NORM_ERROR):
            raise ReferenceIndexError("its vectors are not unit vectors")
