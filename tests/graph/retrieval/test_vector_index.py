"""FAISS indexes: exact below the limit, good above it, nothing lost when they grow."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval import vector_index
from geoagent_graph.retrieval.coded_index import codes_of
from geoagent_graph.retrieval.index_format import HashingFile, IndexKind
from geoagent_graph.retrieval.vector_index import (
    grow_index,
    make_index,
    read_vectors,
    search_index,
    write_vectors,
)

DIMENSION = 24
MIN_CODED_VECTORS, MIN_IVF_VECTORS = 3_000, 50_000  # a tenth of the real ones and less
Large = tuple[NDArray[np.float32], Any]  # vectors and their index


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, np.float32)


def clustered(count: int, seed: int = 0, dimension: int = DIMENSION) -> NDArray[np.float32]:
    """Unit vectors around 2,000 centres, the way photos of the same kinds of places lie."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((2000, dimension))
    noise = rng.standard_normal((count, dimension))
    return unit(centres[rng.integers(len(centres), size=count)] + 0.6 * noise)


def stored(index: Any) -> tuple[io.BytesIO, int]:
    file = io.BytesIO()
    write_vectors(index, HashingFile(file))
    size_bytes = file.tell()
    file.seek(0)
    return file, size_bytes


@pytest.fixture(scope="module", autouse=True)
def _low_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_index, "MIN_CODED_VECTORS", MIN_CODED_VECTORS)
        patch.setattr(vector_index, "MIN_IVF_VECTORS", MIN_IVF_VECTORS)
        yield


@pytest.fixture(scope="module")
def coded() -> Large:
    vectors = clustered(MIN_CODED_VECTORS)
    return vectors, make_index(vectors, np.arange(len(vectors)))


@pytest.fixture(scope="module")
def large() -> Large:
    vectors = clustered(MIN_IVF_VECTORS)
    return vectors, make_index(vectors, np.arange(len(vectors)))


@pytest.mark.parametrize("count", [1, 2, 63, 1000])
def test_flat_search_is_brute_force(count: int) -> None:
    vectors = clustered(count)
    order = np.random.default_rng(1).permutation(count)
    index = make_index(vectors, order)
    for query in clustered(20, seed=2):
        scores, positions = search_index(index, query, 5, None)
        expected = vectors[order] @ query
        best = np.argsort(-expected)[:5]
        assert positions.tolist() == best.tolist()
        np.testing.assert_allclose(scores, expected[best], atol=1e-6)


def test_flat_search_inside_ranges_is_brute_force_inside() -> None:
    vectors = clustered(1000)
    index = make_index(vectors, np.arange(1000))
    ranges = [(0, 3), (10, 11), (400, 700), (999, 1000)]
    inside = np.concatenate([np.arange(*r) for r in ranges])
    for query in clustered(50, seed=3):
        _, positions = search_index(index, query, 7, ranges)
        assert positions.tolist() == inside[np.argsort(-(vectors[inside] @ query))[:7]].tolist()
        _, few = search_index(index, query, 7, [(10, 11)])
        assert few.tolist() == [10]
    assert search_index(index, vectors[0], 7, [])[1].tolist() == []


def test_large_index_has_lists_and_finds_nearly_all_neighbours(large: Large) -> None:
    vectors, index = large
    assert type(index).__name__ == "IndexIVFScalarQuantizer"
    assert index.nlist == 894
    queries = unit(vectors[::500] + 0.05 * clustered(len(vectors[::500]), seed=4))
    hits = []
    for query in queries:
        _, positions = search_index(index, query, 10, None)
        hits.append(len(set(positions) & set(np.argsort(-(vectors @ query))[:10])) / 10)
    assert np.mean(hits) > 0.95  # recall at 10


def test_large_index_is_exact_inside_a_region_by_its_stored_vectors(large: Large) -> None:
    import faiss

    _, index = large
    mapped: Any = faiss.clone_index(index)
    mapped.make_direct_map()
    decoded = mapped.reconstruct_n(0, index.ntotal)
    ranges = [(5, 6), (1000, 1400), (20_000, 45_000)]
    inside = np.concatenate([np.arange(*r) for r in ranges])
    for query in clustered(30, seed=5):
        scores, positions = search_index(index, query, 10, ranges)
        expected = np.sort(decoded[inside] @ query)[::-1][:10]
        assert set(positions) <= set(inside)
        np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_large_index_survives_storage(large: Large) -> None:
    vectors, index = large
    file, size_bytes = stored(index)
    again = read_vectors(file, size_bytes, "IndexIVFScalarQuantizer", DIMENSION, MIN_IVF_VECTORS)
    for query in vectors[:20]:
        before, after = search_index(index, query, 5, None), search_index(again, query, 5, None)
        assert before[1].tolist() == after[1].tolist()


def test_growing_a_large_index_copies_codes_and_interleaves_ids(large: Large) -> None:
    vectors, index = large
    more = clustered(500, seed=6)
    count = len(vectors) + len(more)
    positions = np.random.default_rng(7).permutation(count)
    old, new = np.sort(positions[: len(vectors)]), positions[len(vectors) :]
    grown = grow_index(index, old, more, new)
    file, size_bytes = stored(grown)
    again = read_vectors(file, size_bytes, "IndexIVFScalarQuantizer", DIMENSION, count)
    for i in range(0, len(vectors), 2500):
        before = search_index(index, vectors[i], 1, [(i, i + 1)])
        after = search_index(again, vectors[i], 1, [(old[i], old[i] + 1)])
        assert after[1].tolist() == [old[i]]
        assert after[0][0] == pytest.approx(before[0][0], abs=1e-6)
    found = [search_index(again, v, 1, None)[1][0] for v in more]
    assert np.mean(np.array(found) == new) > 0.95


@pytest.mark.parametrize(
    ("limit", "before", "after"),
    [
        (MIN_CODED_VECTORS, "IndexFlatIP", "IndexScalarQuantizer"),
        (MIN_IVF_VECTORS, "IndexScalarQuantizer", "IndexIVFScalarQuantizer"),
    ],
)
def test_an_index_that_outgrows_a_limit_becomes_the_next_kind(
    limit: int, before: str, after: str
) -> None:
    vectors = clustered(limit - 1)
    index = make_index(vectors, np.arange(len(vectors)))
    assert type(index).__name__ == before
    more = clustered(3, seed=8)
    grown = grow_index(index, np.arange(3, len(vectors) + 3), more, np.arange(3))
    assert type(grown).__name__ == after
    assert grown.ntotal == limit + 2
    assert search_index(grown, more[1], 1, [(0, 3)])[1].tolist() == [1]


def test_a_coded_index_finds_nearly_all_neighbours_and_is_exact_inside_many_ranges(
    coded: Large,
) -> None:
    vectors, index = coded
    decoded = index.reconstruct_n(0, index.ntotal)
    ranges = [(0, 3), (10, 11), (400, 700), (2_990, 3_000)]
    inside = np.concatenate([np.arange(*r) for r in ranges])
    hits = []
    for query in clustered(30, seed=3):
        _, whole = search_index(index, query, 10, None)
        hits.append(len(set(whole) & set(np.argsort(-(vectors @ query))[:10])) / 10)
        scores, positions = search_index(index, query, 7, ranges)
        assert set(positions) == set(inside[np.argsort(-(decoded[inside] @ query))[:7]])
        assert np.all(np.diff(scores) <= 0)
    assert np.mean(hits) > 0.98


def test_a_coded_index_survives_storage_and_copies_its_codes_as_it_grows(coded: Large) -> None:
    vectors, index = coded
    file, size_bytes = stored(index)
    again = read_vectors(file, size_bytes, "IndexScalarQuantizer", DIMENSION, len(vectors))
    old = np.arange(len(vectors)) * 2
    grown = grow_index(again, old, clustered(len(vectors), seed=4), old + 1)
    assert np.array_equal(codes_of(grown)[old], codes_of(index))


def test_codes_that_would_score_out_of_bounds_are_refused(coded: Large) -> None:
    import faiss

    for numbers in (np.full(2 * DIMENSION, 50, np.float32), np.zeros(2 * DIMENSION, np.float32)):
        index: Any = faiss.clone_index(coded[1])
        faiss.copy_array_to_vector(numbers, index.sq.trained)
        file, size_bytes = stored(index)
        with pytest.raises(ReferenceIndexError, match="unit vectors"):
            read_vectors(file, size_bytes, "IndexScalarQuantizer", DIMENSION, MIN_CODED_VECTORS)


@pytest.mark.parametrize("kind", ["flat", "coded", "large"])
def test_vectors_that_are_left_out_are_gone_and_the_others_stay_as_they_were(
    kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "flat":
        vectors = clustered(100)
        index = make_index(vectors, np.arange(100))
    else:
        vectors, index = request.getfixturevalue(kind)
    kept = np.arange(len(vectors)) % 3 > 0
    nothing = np.empty((0, DIMENSION), np.float32)
    positions = np.where(kept, np.cumsum(kept) - 1, -1)
    smaller = grow_index(index, positions, nothing, np.empty(0, np.int64))
    assert smaller.ntotal == kept.sum()
    assert type(smaller) is type(index)
    for row in (1, len(vectors) // 2 // 3 * 3 + 1, len(vectors) // 3 * 3 - 1):
        before = search_index(index, vectors[row], 1, [(row, row + 1)])[0]
        place = int(positions[row])
        after = search_index(smaller, vectors[row], 1, [(place, place + 1)])
        assert after[1].tolist() == [place]
        assert after[0][0] == pytest.approx(before[0], abs=1e-6)


def test_training_is_repeatable(large: Large) -> None:
    vectors, index = large
    again = make_index(vectors, np.arange(len(vectors)))
    assert stored(index)[0].getvalue() == stored(again)[0].getvalue()


def test_another_kind_dimension_or_count_is_refused() -> None:
    index = make_index(clustered(10), np.arange(10))
    refused: list[tuple[IndexKind, int, int]] = [
        ("IndexIVFScalarQuantizer", DIMENSION, 10),
        ("IndexFlat", DIMENSION + 1, 10),
        ("IndexFlat", DIMENSION, 11),
    ]
    for kind, dimension, count in refused:
        file, size_bytes = stored(index)
        with pytest.raises(ReferenceIndexError):
            read_vectors(file, size_bytes, kind, dimension, count)


def test_kinds_that_are_not_allowed_are_refused() -> None:
    import faiss

    vectors = clustered(300)
    hnsw = faiss.IndexHNSWFlat(DIMENSION, 8, faiss.METRIC_INNER_PRODUCT)
    l2 = faiss.IndexFlatL2(DIMENSION)
    mapped = faiss.IndexIDMap(faiss.IndexFlatIP(DIMENSION))
    hnsw.add(vectors)
    l2.add(vectors)
    mapped.add_with_ids(vectors, np.arange(300))
    for index in (hnsw, l2, mapped):
        file, size_bytes = stored(index)
        with pytest.raises(ReferenceIndexError):
            read_vectors(file, size_bytes, "IndexFlat", DIMENSION, 300)


def test_a_small_file_that_asks_for_gigabytes_is_refused() -> None:
    file, _ = stored(make_index(clustered(2), np.arange(2)))
    damaged = bytearray(file.getvalue())
    length_at = len(damaged) - 2 * DIMENSION * 4 - 8
    damaged[length_at : length_at + 8] = (1 << 34).to_bytes(8, "little")
    with pytest.raises(ReferenceIndexError, match="cannot read"):
        read_vectors(io.BytesIO(damaged), len(damaged), "IndexFlat", DIMENSION, 2)


@pytest.mark.parametrize("length", [0.0, 0.98, 1.02, 8.0])
def test_vectors_of_another_length_are_refused(length: float) -> None:
    vectors = clustered(20)
    vectors[7] *= length  # no number of it is above 1: 8 times a vector of small numbers
    vectors[7] = np.clip(vectors[7], -1, 1)
    file, size_bytes = stored(make_index(vectors, np.arange(20)))
    with pytest.raises(ReferenceIndexError, match="unit vectors"):
        read_vectors(file, size_bytes, "IndexFlat", DIMENSION, 20)


def test_half_precision_is_precise_enough() -> None:
    vectors = clustered(20).astype(np.float16).astype(np.float32)
    file, size_bytes = stored(make_index(vectors, np.arange(20)))
    assert read_vectors(file, size_bytes, "IndexFlat", DIMENSION, 20).ntotal == 20


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e30])
def test_vectors_that_would_score_out_of_bounds_are_refused(number: float) -> None:
    vectors = clustered(20)
    vectors[7, 3] = number
    file, size_bytes = stored(make_index(vectors, np.arange(20)))
    with pytest.raises(ReferenceIndexError, match="unit vectors"):
        read_vectors(file, size_bytes, "IndexFlat", DIMENSION, 20)


@pytest.mark.parametrize("part", ["centres", "zeros", "long", "scales"])
def test_lists_that_would_score_out_of_bounds_are_refused(large: Large, part: str) -> None:
    import faiss

    index: Any = faiss.clone_index(large[1])
    quantizer: Any = faiss.downcast_index(index.quantizer)
    centres = faiss.rev_swig_ptr(quantizer.get_xb(), quantizer.ntotal * DIMENSION)
    if part == "centres":
        centres[5] = np.nan
    elif part == "zeros":
        centres[:] = 0.0  # what is left are the differences from them
    elif part == "long":
        centres[:] = np.sign(centres) * np.float32(0.99)
    else:
        faiss.copy_array_to_vector(np.full(2 * DIMENSION, 50, np.float32), index.sq.trained)
    file, size_bytes = stored(index)
    with pytest.raises(ReferenceIndexError, match="unit vectors"):
        read_vectors(file, size_bytes, "IndexIVFScalarQuantizer", DIMENSION, MIN_IVF_VECTORS)


def test_lists_with_foreign_or_repeated_ids_are_refused(large: Large) -> None:
    file, size_bytes = stored(large[1])
    for wrong in (MIN_IVF_VECTORS + 7, -1, -(2**63), 2**63 - 1, 17):
        damaged = bytearray(file.getvalue())
        damaged[-8:] = wrong.to_bytes(8, "little", signed=True)  # the last id of the last list
        with pytest.raises(ReferenceIndexError, match="ids"):
            read_vectors(
                io.BytesIO(damaged),
                size_bytes,
                "IndexIVFScalarQuantizer",
                DIMENSION,
                MIN_IVF_VECTORS,
            )
