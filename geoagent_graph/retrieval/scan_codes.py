"""Codes that are scanned fast: four numbers in half a byte, in lists that are mapped from a file.

A vector is turned so that every four numbers vary about as much together, and what it differs from
the centre of its list is coded (IndexIVFPQFastScan: product quantisation of 16 centres for each
four numbers, sums of small tables; Jégou et al. 2011, André et al. 2017). The lists lie in a file
of their own: how many codes each has, then for each list its codes, in blocks of 32, and their ids.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.faiss_module import import_faiss, read_bounded
from geoagent_graph.retrieval.index_format import HashingFile

TRAIN_PER_LIST: Final = 50
ROUNDS: Final = 8
NUMBERS_PER_CODE: Final = 4
BLOCK: Final = 32
ID_BYTES: Final = 8
_SEED: Final = 20_261_130
_ALIGNED_BYTES: Final = 64
_MAX_LISTS: Final = 1 << 20
_MAX_TURNED: Final = 1.01  # of a matrix whose rows are at right angles, with room for rounding


@dataclass(frozen=True, slots=True, eq=False)
class ScanCodes:
    """A trained index: `whole` turns vectors and gives them to `lists`, an IndexIVFPQFastScan.

    `turn` has shape [turned dimension, dimension].
    """

    whole: Any
    lists: Any
    turn: NDArray[np.float32]


def turned_dimension(dimension: int) -> int:
    """Return how long turned vectors are: full codes, an even number of them."""
    step = 2 * NUMBERS_PER_CODE
    return -(-dimension // step) * step


def train_codes(sample: NDArray[np.float32], lists: int) -> Any:
    """Return an empty index trained on unit vectors, shape [n, dimension].

    One thread and fixed seeds: the same sample gives the same bytes.
    """
    faiss = import_faiss()

    sample = np.ascontiguousarray(sample, np.float32)
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        centres = _train_centres(sample, lists)
        nearest = faiss.IndexFlatIP(sample.shape[1])
        nearest.add(centres)
        owners = nearest.search(sample, 1)[1][:, 0]
        turn = balanced_turn(sample - centres[owners])
        whole = _empty_index(turn, np.ascontiguousarray(centres @ turn.T))
        whole.train(sample)
    finally:
        faiss.omp_set_num_threads(threads)
    return whole


def _train_centres(sample: NDArray[np.float32], lists: int) -> NDArray[np.float32]:
    faiss = import_faiss()

    means = faiss.Kmeans(
        sample.shape[1], lists, niter=ROUNDS, spherical=True, seed=_SEED,
        min_points_per_centroid=1, max_points_per_centroid=TRAIN_PER_LIST,
    )  # fmt: skip
    means.train(sample)
    centres: NDArray[np.float32] = means.centroids
    return centres


def balanced_turn(differences: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the rotation after which groups of four numbers vary about as much as each other.

    Its rows are the directions in which `differences` [n, dimension] vary, those in which they vary
    most shared out among the groups: the next goes to the group whose product of variances is the
    least (Ge et al. 2013, "eigenvalue allocation"). Rows of zeros fill the last groups.
    """
    dimension = differences.shape[1]
    products = np.zeros((dimension, dimension))
    for start in range(0, len(differences), 8192):
        part = differences[start : start + 8192].astype(np.float64)
        products += part.T @ part
    variances, directions = np.linalg.eigh(products / len(differences))
    variances = np.maximum(variances, 1e-12)
    groups: list[list[int]] = [[] for _ in range(turned_dimension(dimension) // NUMBERS_PER_CODE)]
    spread = [0.0] * len(groups)
    for number in range(dimension - 1, -1, -1):  # the variances ascend
        free = [i for i, group in enumerate(groups) if len(group) < NUMBERS_PER_CODE]
        least = min(free, key=spread.__getitem__)
        groups[least].append(number)
        spread[least] += float(np.log(variances[number] / variances[0])) + 1e-3
    turn = np.zeros((turned_dimension(dimension), dimension), np.float32)
    for i, group in enumerate(groups):
        turn[i * NUMBERS_PER_CODE : i * NUMBERS_PER_CODE + len(group)] = directions[:, group].T
    return turn


def _empty_index(turn: NDArray[np.float32], centres: NDArray[np.float32]) -> Any:
    """Return an index whose lists have these centres, turned; its codes are not trained."""
    faiss = import_faiss()

    turned, dimension = turn.shape
    rotation = faiss.LinearTransform(dimension, turned, False)
    faiss.copy_array_to_vector(turn.ravel(), rotation.A)
    rotation.is_trained = True
    quantizer = faiss.IndexFlatIP(turned)
    quantizer.add(centres)
    lists = faiss.IndexIVFPQFastScan(
        quantizer, turned, len(centres), turned // NUMBERS_PER_CODE, 4, faiss.METRIC_INNER_PRODUCT
    )
    quantizer.this.disown()
    lists.own_fields = True
    lists.by_residual = True
    whole = faiss.IndexPreTransform(rotation, lists)
    for part in (rotation, lists):
        part.this.disown()
    whole.own_fields = True
    return whole


def write_lists(whole: Any, sink: HashingFile) -> None:
    """Write the lists of an index that vectors were added to; an OSError passes through."""
    faiss = import_faiss()

    index = faiss.downcast_index(whole.index)
    lists = faiss.downcast_InvertedLists(index.invlists)
    sizes = np.array([lists.list_size(number) for number in range(index.nlist)], "<i8")
    sink.write(sizes.tobytes().ljust(_header_bytes(index.nlist), b"\0"))
    for number, size in enumerate(sizes.tolist()):
        if not size:
            continue
        room = -(-size // BLOCK) * BLOCK
        codes = faiss.rev_swig_ptr(lists.get_codes(number), room * index.code_size)
        ids = np.full(room, -1, "<i8")
        ids[:size] = faiss.rev_swig_ptr(lists.get_ids(number), size)
        sink.write(codes.tobytes() + ids.tobytes())


def read_scan_codes(path: Path, dimension: int) -> ScanCodes:
    """Return the trained index in a file whose sha256 has been checked; it holds no vectors.

    Raises:
        ReferenceIndexError: it is no such index; the message does not name the folder.
    """
    faiss = import_faiss()

    whole = read_bounded(str(path), 8 * path.stat().st_size)  # FAISS counts a table it makes not
    fits = (
        isinstance(whole, faiss.IndexPreTransform)
        and whole.chain.size() == 1
        and (whole.d, whole.ntotal) == (dimension, 0)
    )
    if not fits:
        raise ReferenceIndexError("it is not an index of this kind and dimension")
    rotation = faiss.downcast_VectorTransform(whole.chain.at(0))
    turned = turned_dimension(dimension)
    fits = (
        isinstance(rotation, faiss.LinearTransform)
        and (rotation.d_in, rotation.d_out, rotation.have_bias) == (dimension, turned, False)
        and rotation.A.size() == turned * dimension
    )
    if not fits:
        raise ReferenceIndexError("its rotation does not fit")
    turn = faiss.vector_to_array(rotation.A).reshape(turned, dimension)
    lists = faiss.downcast_index(whole.index)
    _check_parts(lists, turned)
    numbers = [turn.ravel(), centres_of(lists).ravel(), faiss.vector_to_array(lists.pq.centroids)]
    if not all(np.all(np.abs(part) <= 2 * _MAX_TURNED) for part in numbers):
        raise ReferenceIndexError("its numbers are not those of unit vectors")
    return ScanCodes(whole, lists, turn)


def _check_parts(lists: Any, turned: int) -> None:
    faiss = import_faiss()

    fits = isinstance(lists, faiss.IndexIVFPQFastScan) and (lists.d, lists.ntotal) == (turned, 0)
    if fits:
        codes = turned // NUMBERS_PER_CODE
        quantizer = faiss.downcast_index(lists.quantizer)
        fits = (
            isinstance(quantizer, faiss.IndexFlat)
            and 1 <= lists.nlist <= _MAX_LISTS
            and (quantizer.ntotal, quantizer.d) == (lists.nlist, turned)
            and quantizer.metric_type == lists.metric_type == faiss.METRIC_INNER_PRODUCT
            and quantizer.codes.size() == lists.nlist * turned * 4
            and (lists.pq.d, lists.pq.M, lists.pq.nbits) == (turned, codes, 4)
            and lists.pq.centroids.size() == 16 * turned
            and (lists.M, lists.M2, lists.nbits, lists.ksub) == (codes, codes, 4, 16)
            and (lists.bbs, lists.implem, lists.qbs2) == (BLOCK, 0, 0)
            and lists.code_size == codes // 2
            and lists.by_residual
            and lists.is_trained
            and lists.direct_map.type == faiss.DirectMap.NoMap
            and lists.invlists.nlist == lists.nlist
        )
    if not fits:
        raise ReferenceIndexError("its parts do not fit together")


def centres_of(lists: Any) -> NDArray[np.float32]:
    """Return the centres of the lists of an index, shape [lists, n]; a view, not a copy."""
    faiss = import_faiss()

    quantizer = faiss.downcast_index(lists.quantizer)
    flat: NDArray[np.float32] = faiss.rev_swig_ptr(quantizer.get_xb(), lists.nlist * lists.d)
    return flat.reshape(lists.nlist, lists.d)


def map_lists(codes: ScanCodes, path: Path, count: int) -> None:
    """Let an index search the lists in a file, where they lie.

    Raises:
        ReferenceIndexError: the file is not as long as its lists, or holds another number of codes;
            the message does not name the folder.
    """
    faiss = import_faiss()

    index = codes.lists
    header, size_bytes = _header_bytes(index.nlist), path.stat().st_size
    if size_bytes < header:
        raise ReferenceIndexError("its lists are cut off")
    sizes = np.fromfile(path, "<i8", index.nlist)
    if np.any((sizes < 0) | (sizes > count)) or int(sizes.sum()) != count:
        raise ReferenceIndexError(f"its lists do not hold {count} codes")
    rooms = -(-sizes // BLOCK) * BLOCK
    lengths = rooms * (index.code_size + ID_BYTES)
    if header + int(lengths.sum()) != size_bytes:
        raise ReferenceIndexError("its lists are not as long as it is")
    starts = header + np.cumsum(lengths) - lengths
    mapped = faiss.OnDiskInvertedLists()
    mapped.nlist, mapped.code_size = index.nlist, index.code_size
    mapped.filename, mapped.read_only, mapped.totsize = str(path), True, size_bytes
    place = faiss.OnDiskOneList()
    for entry in zip(sizes.tolist(), rooms.tolist(), starts.tolist(), strict=True):
        place.size, place.capacity, place.offset = entry
        mapped.lists.push_back(place)
    try:
        mapped.do_mmap()
    except RuntimeError as error:
        raise ReferenceIndexError("FAISS cannot map it") from error
    index.replace_invlists(mapped, True)
    mapped.this.disown()
    index.ntotal = count


def disk_bytes_of(dimension: int) -> int:
    """Return how many bytes a code and its id take, what fills the last blocks apart."""
    return turned_dimension(dimension) // (2 * NUMBERS_PER_CODE) + ID_BYTES


def _header_bytes(lists: int) -> int:
    return -(-lists * ID_BYTES // _ALIGNED_BYTES) * _ALIGNED_BYTES
