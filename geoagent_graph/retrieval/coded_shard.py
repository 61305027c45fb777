"""Vectors as compressed codes in lists on disk, and the exact ones beside them to rank the best.

The codes are searched where they lie, mapped into memory; those that look best are compared
exactly, in half precision.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.bit_codes import empty_like, map_bit_codes
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.scan_codes import ScanCodes, centres_of, map_lists, read_scan_codes

_BATCH_VECTORS: Final = 65_536
_MAX_NORM_ERROR: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class CodedVectors:
    """The vectors of a shard: `codes` in lists, and `exact`, [count, dimension] float16.

    Where `scan` is None, `codes` is an IndexIVFRaBitQ; else `codes` is the IndexIVFPQFastScan of
    it, which holds turned vectors. `centres` is the digest of the centres of the lists: shards that
    share them share a step of the search.
    """

    codes: Any
    exact: NDArray[np.float16]
    centres: bytes
    path: Path
    scan: ScanCodes | None = None

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
        return self.vectors_at(rows) @ query

    def vectors_at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the exact vectors of some rows, shape [rows, dimension]."""
        return np.asarray(self.exact[rows], np.float32)

    def empty_copy(self) -> Any:
        """Return a trained index with the same lists, and no vectors."""
        if self.scan is None:
            return empty_like(self.codes)
        return read_scan_codes(self.path, self.d).whole


@dataclass(frozen=True, slots=True, eq=False)
class NearestLists:
    """The lists nearest to a query, best first, and their scores; the query as the codes are."""

    query: NDArray[np.float32]
    lists: NDArray[np.int64]
    scores: NDArray[np.float32]


def encode(template: Any, exact: NDArray[np.float16]) -> Any:
    """Fill a trained index with these vectors, rows 0 to count - 1, and return it."""
    for start in range(0, len(exact), _BATCH_VECTORS):
        template.add(np.asarray(exact[start : start + _BATCH_VECTORS], np.float32))
    return template


def candidates(
    vectors: CodedVectors,
    count: int,
    ranges: Sequence[tuple[int, int]] | None,
    nearest: NearestLists,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (estimated cosines, rows) of at most `count` rows that look most similar."""
    faiss = import_faiss()

    selector = _selector(vectors, ranges)
    parameters = faiss.SearchParametersIVF(nprobe=len(nearest.lists), sel=selector)
    k = min(count, vectors.ntotal)
    scores, rows = np.empty(k, np.float32), np.empty(k, np.int64)
    vectors.codes.search_preassigned_c(  # the method for arrays takes no parameters
        1, faiss.swig_ptr(nearest.query), k, faiss.swig_ptr(nearest.lists),
        faiss.swig_ptr(nearest.scores), faiss.swig_ptr(scores), faiss.swig_ptr(rows), False,
        parameters,
    )  # fmt: skip
    found = rows >= 0
    return scores[found], rows[found]


def nearest_lists(vectors: CodedVectors, query: NDArray[np.float32], probes: int) -> NearestLists:
    """Return the lists nearest to a unit vector."""
    if vectors.scan is not None:
        query = vectors.scan.turn @ query
    scores, lists = vectors.codes.quantizer.search(query[None], min(probes, vectors.codes.nlist))
    return NearestLists(query, np.ascontiguousarray(lists[0]), np.ascontiguousarray(scores[0]))


def _selector(vectors: CodedVectors, ranges: Sequence[tuple[int, int]] | None) -> Any:
    faiss = import_faiss()

    if ranges is None or list(ranges) == [(0, vectors.ntotal)]:
        return None
    if len(ranges) == 1:  # ids ascend within a list: FAISS may find the range by bisection
        return faiss.IDSelectorRange(int(ranges[0][0]), int(ranges[0][1]), True)
    inside = np.zeros(vectors.ntotal, np.uint8)
    for start, stop in ranges:
        inside[start:stop] = 1
    return faiss.IDSelectorBitmap(np.packbits(inside, bitorder="little"))


def open_coded(
    codes_path: Path,
    lists_path: Path | None,
    exact_path: Path,
    dimension: int,
    count: int,
    *,
    is_checked: bool,
) -> CodedVectors:
    """Return the vectors of files whose sha256 has been checked, mapped into memory.

    Lists of codes that are scanned fast lie in a file of their own. `is_checked` leaves out looking
    at every id and vector: of files that were looked at before.

    Raises:
        ReferenceIndexError: they are not such an index; the message does not name the folder.
    """
    scan = None
    if lists_path is None:
        codes = map_bit_codes(codes_path, dimension, count)
        parts = [centres_of(codes).tobytes()]
    else:
        scan = read_scan_codes(codes_path, dimension)
        map_lists(scan, lists_path, count)
        codes = scan.lists
        parts = [scan.turn.tobytes(), centres_of(codes).tobytes()]
    exact = np.memmap(exact_path, np.float16, "r", shape=(count, dimension))
    if not is_checked:
        _check_lists(codes)
        _check_exact(exact)
    digest = hashlib.sha256(b"".join(parts)).digest()
    return CodedVectors(codes, exact, digest, codes_path, scan)


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
