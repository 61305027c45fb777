"""The FAISS and the LanceDB retriever answer alike; LanceDB where the extra is installed."""

import importlib.util
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.retrieval import lance_retriever
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.lance_retriever import LanceRetriever, export_to_lance
from geoagent_graph.testing import MeanColourEncoder
from tests.graph.retrieval.test_faiss_retriever import (
    COUNT,
    ENCODER,
    photo_vectors,
    reference,
    save,
)

HAS_LANCE = importlib.util.find_spec("lancedb") is not None
lance_only = pytest.mark.skipif(not HAS_LANCE, reason="the extra `lancedb` is not installed")


@pytest.fixture(scope="module", params=["faiss", pytest.param("lancedb", marks=lance_only)])
def retriever(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    room = tmp_path_factory.mktemp("alike")
    save(room / "ix")
    if request.param == "faiss":
        return FaissRetriever.load(room / "ix", MeanColourEncoder(ENCODER))
    assert export_to_lance(FaissRetriever.load(room / "ix", None), str(room / "lance")) == COUNT
    return LanceRetriever.load(str(room / "lance"), MeanColourEncoder(ENCODER))


def test_every_photo_finds_itself_with_its_place(retriever: Any) -> None:
    for i, vector in enumerate(photo_vectors()):
        best = retriever.search_embedding(vector, 3)[0]
        expected = reference(i)
        assert (best.id, round(best.score, 4)) == (expected.id, 1.0)
        assert (best.lat_deg, best.lon_deg) == (expected.lat_deg, expected.lon_deg)
        assert best.country_code == (expected.country_code or None)
        assert (best.license, best.attribution) == ("CC-BY-4.0", f"Someone {i}")


def test_search_inside_countries_is_brute_force_inside(retriever: Any) -> None:
    vectors = photo_vectors()
    for codes in ({"PT"}, {"DE", "PT"}, {"DE", "FR"}, {"FR", "XX"}):
        inside = [i for i in range(COUNT) if reference(i).country_code in codes]
        for query in photo_vectors(5, seed=1):
            found = retriever.search_embedding(query, 10, frozenset(codes))
            best = sorted(inside, key=lambda i: -float(vectors[i] @ query))[:10]
            assert [hit.id for hit in found] == [reference(i).id for i in best]


def test_a_region_without_photos_gives_nothing_and_a_small_one_gives_all(retriever: Any) -> None:
    query = photo_vectors(1, seed=2)[0]
    assert retriever.search_embedding(query, 5, frozenset({"XX"})) == []
    assert retriever.search_embedding(query, 5, frozenset()) == []
    assert retriever.search_embedding(query, 5, frozenset({"", "P' OR '1'='1"})) == []
    assert len(retriever.search_embedding(query, 1000, frozenset({"PT"}))) == 15
    assert len(retriever.search_embedding(query, 1000)) == COUNT


def test_the_length_of_a_query_does_not_matter(retriever: Any) -> None:
    query = photo_vectors(1, seed=3)[0]
    long, unit = retriever.search_embedding(query * 40, 5), retriever.search_embedding(query, 5)
    assert [hit.id for hit in long] == [hit.id for hit in unit]
    assert [hit.score for hit in long] == pytest.approx([hit.score for hit in unit], abs=1e-5)


@pytest.mark.parametrize(
    "query",
    [np.zeros(16), np.full(16, np.nan), np.full(16, np.inf), np.ones(17), np.ones((1, 16))],
)
def test_unusable_queries_are_refused(retriever: Any, query: NDArray[np.float64]) -> None:
    with pytest.raises(InputError):
        retriever.search_embedding(query.astype(np.float32), 5)


@pytest.mark.parametrize("k", [0, -1, 10**9])
def test_an_absurd_k_is_refused(retriever: Any, k: int) -> None:
    with pytest.raises(InputError, match="k is"):
        retriever.search_embedding(photo_vectors(1)[0], k)


def test_what_it_depends_on_is_named(retriever: Any) -> None:
    identity = retriever.identity()
    assert identity["encoder"] == ENCODER
    assert len(identity["index_sha256"]) == 64


def test_threads_share_a_retriever(retriever: Any) -> None:
    queries = photo_vectors(20, seed=4)
    expected = [[hit.id for hit in retriever.search_embedding(query, 5)] for query in queries]
    found: dict[int, list[str]] = {}

    def work(start: int) -> None:
        for i in range(start, len(queries), 4):
            found[i] = [hit.id for hit in retriever.search_embedding(queries[i], 5)]

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(len(queries))] == expected


@lance_only
def test_countries_of_few_photos_are_compared_exactly_in_large_galleries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lance_retriever, "_MIN_INDEXED", 0)
    monkeypatch.setattr(lance_retriever, "_REFINE", 1)
    monkeypatch.setattr(lance_retriever, "_MAX_EXACT", 100)
    vectors = photo_vectors(600, seed=5)
    rows = [
        reference(i % COUNT, id=f"photo-{i:03}", country_code="DE" if i < 90 else "PT")
        for i in range(600)
    ]
    save(tmp_path / "ix", rows, vectors)
    export_to_lance(FaissRetriever.load(tmp_path / "ix", None), str(tmp_path / "lance"))
    gallery = LanceRetriever.load(str(tmp_path / "lance"), None)
    for query in photo_vectors(5, seed=6):
        found = gallery.search_embedding(query, 10, frozenset({"DE"}))
        best = sorted(range(90), key=lambda i: -float(vectors[i] @ query))[:10]
        assert [hit.id for hit in found] == [rows[i].id for i in best]


@lance_only
def test_what_is_no_gallery_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReferenceIndexError, match="no gallery can be opened"):
        LanceRetriever.load(str(tmp_path / "nothing"), None)
    assert not (tmp_path / "nothing").exists()
    save(tmp_path / "ix")
    export_to_lance(FaissRetriever.load(tmp_path / "ix", None), str(tmp_path / "lance"))
    with pytest.raises(ReferenceIndexError, match="made by the encoder"):
        LanceRetriever.load(str(tmp_path / "lance"), MeanColourEncoder("other/1"))


@pytest.mark.skipif(HAS_LANCE, reason="the extra `lancedb` is installed")
def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"geoagent-graph\[lancedb\]"):
        LanceRetriever.load(str(tmp_path), None)
