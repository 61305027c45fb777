"""Codes that are scanned fast: the rotation before them, their lists on disk, files refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.coded_search import probes_for, reranked_for
from geoagent_graph.retrieval.coded_shard import encode
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.scan_codes import (
    ScanCodes,
    balanced_turn,
    map_lists,
    read_scan_codes,
    train_codes,
    write_lists,
)

LISTS = 20


def drawn(count: int, dimension: int) -> NDArray[np.float32]:
    """Unit vectors whose numbers vary less and less."""
    rng = np.random.default_rng(dimension)
    vectors = rng.standard_normal((count, dimension)) * np.geomspace(1.0, 0.05, dimension)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("dimension", [32, 30, 3])
def test_groups_of_a_turned_vector_vary_alike(dimension: int) -> None:
    vectors = drawn(4000, dimension)
    turn = balanced_turn(vectors)
    assert len(turn) == -(-dimension // 8) * 8
    assert turn.T @ turn == pytest.approx(np.eye(dimension), abs=1e-5)
    variances = (vectors @ turn.T).var(axis=0).reshape(-1, 4)
    full = variances[np.all(variances > 0, axis=1)]
    products = np.log(full).sum(axis=1)
    assert np.ptp(products) < 0.2 * abs(products.mean()) if len(products) else dimension == 3


def written(folder: Path, vectors: NDArray[np.float32]) -> tuple[Path, Path]:
    """The files of an index of some vectors."""
    whole = train_codes(vectors, LISTS)
    import_faiss().write_index(whole, str(folder / "index.faiss"))
    encode(whole, vectors.astype(np.float16))
    with (folder / "lists.bin").open("wb") as file:
        write_lists(whole, HashingFile(file))
    return folder / "index.faiss", folder / "lists.bin"


@pytest.mark.parametrize("dimension", [32, 30])
def test_mapped_lists_are_searched_as_those_in_memory(dimension: int, tmp_path: Path) -> None:
    vectors = drawn(1500, dimension)
    template, lists = written(tmp_path, vectors)
    in_memory = encode(train_codes(vectors, LISTS), vectors.astype(np.float16))
    import_faiss().downcast_index(in_memory.index).nprobe = LISTS
    codes = read_scan_codes(template, dimension)
    map_lists(codes, lists, len(vectors))
    codes.lists.nprobe = LISTS
    for query in vectors[::300]:
        expected = in_memory.search(query[None], 40)
        found = codes.lists.search((codes.turn @ query)[None], 40)
        assert found[1].tolist() == expected[1].tolist()
        assert found[0] == pytest.approx(expected[0], abs=1e-4)


def cut_off(codes: ScanCodes, content: bytearray) -> None:
    del content[-1], codes


def cut_in_the_sizes(codes: ScanCodes, content: bytearray) -> None:
    del content[8 * codes.lists.nlist - 1 :]


def grow_a_list(codes: ScanCodes, content: bytearray) -> None:
    del codes
    content[7] = 0x7F


def shrink_below_nothing(codes: ScanCodes, content: bytearray) -> None:
    del codes
    content[7] = 0x80


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_off, "not as long"),
        (cut_in_the_sizes, "cut off"),
        (grow_a_list, "do not hold 1500"),
        (shrink_below_nothing, "do not hold 1500"),
    ],
)
def test_lists_that_are_not_as_they_say_are_refused(
    damage: Any, words: str, tmp_path: Path
) -> None:
    template, lists = written(tmp_path, drawn(1500, 16))
    codes, content = read_scan_codes(template, 16), bytearray(lists.read_bytes())
    damage(codes, content)
    lists.write_bytes(content)
    with pytest.raises(ReferenceIndexError, match=words):
        map_lists(codes, lists, 1500)


def test_another_index_is_no_template(tmp_path: Path) -> None:
    faiss = import_faiss()
    template, _ = written(tmp_path, drawn(1500, 16))
    with pytest.raises(ReferenceIndexError, match="kind and dimension"):
        read_scan_codes(template, 24)
    for other in (
        faiss.IndexFlatIP(16),
        encode(train_codes(drawn(900, 16), 9), drawn(99, 16).astype(np.float16)),
    ):
        faiss.write_index(other, str(template))
        with pytest.raises(ReferenceIndexError, match="kind and dimension"):
            read_scan_codes(template, 16)
    turned = faiss.IndexPreTransform(faiss.RandomRotationMatrix(16, 16), faiss.IndexFlatIP(16))
    turned.train(drawn(99, 16))
    faiss.write_index(turned, str(template))
    with pytest.raises(ReferenceIndexError, match="parts do not fit"):
        read_scan_codes(template, 16)


def test_of_more_photos_more_are_compared_in_fewer_lists() -> None:
    counts = [10_000, 1_000_000, 10_000_000]
    assert [probes_for(count) for count in counts] == [689, 320, 218]
    assert [reranked_for(count, 10) for count in counts] == [200, 750, 2371]
    assert reranked_for(10_000, 50) == 500
