"""The retriever: exact inside countries, and nothing damaged is ever loaded."""

import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import GeoAgentError, InputError, ReferenceIndexError
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.index_format import IndexManifest
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index
from geoagent_graph.testing import MeanColourEncoder

ENCODER = "test-encoder/1"
QUERY_ENCODER = MeanColourEncoder(ENCODER)
DIMENSION = 16
COUNT = 60
CODES = ["", "DE", "FR", "PT"]
FILES = ("manifest.json", "references.parquet", "index.faiss")


def reference(i: int, **changes: Any) -> ReferenceRow:
    fields = {
        "id": f"photo-{i:03}",
        "lat_deg": -90.0 + 180.0 * i / COUNT,
        "lon_deg": -180.0 + 360.0 * i / COUNT,
        "country_code": CODES[i * len(CODES) // COUNT],
        "license": "CC-BY-4.0",
        "attribution": f"Someone {i}",
        "source_url": f"https://example.org/{i}",
        "sha256": f"{i:064x}",
        "cluster_id": "",
    }
    return ReferenceRow(**{**fields, **changes})


def photo_vectors(count: int = COUNT, seed: int = 0) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).standard_normal((count, DIMENSION))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, np.float32)


def save(
    folder: Path, rows: list[ReferenceRow] | None = None, vectors: NDArray[np.float32] | None = None
) -> IndexManifest:
    vectors = photo_vectors() if vectors is None else vectors
    rows = rows or [reference(i) for i in range(len(vectors))]
    with lock_index(folder):
        return save_index(
            folder, IndexParts(ENCODER, make_index(vectors, np.arange(len(vectors))), rows)
        )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retriever") / "photos.index"
    save(folder)
    return folder


@pytest.fixture
def copied(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copied.index"))


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    fields = json.loads(path.read_bytes())
    path.write_text(json.dumps({**fields, **changes}))


def revouch(folder: Path) -> None:
    """Make the manifest vouch for files as they are now: what a malicious index would do."""
    import hashlib

    files = {
        name: {
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            "size_bytes": (folder / name).stat().st_size,
        }
        for name in FILES[1:]
    }
    edit_manifest(folder, files=files)


def refusal(folder: Path, encoder_id: str | None = ENCODER) -> str:
    with pytest.raises(ReferenceIndexError) as caught:
        FaissRetriever.load(folder, MeanColourEncoder(encoder_id) if encoder_id else None)
    message = str(caught.value)
    assert str(folder) in message
    assert "\n" not in message
    return message


def test_every_photo_finds_itself_with_its_place(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    for i, vector in enumerate(photo_vectors()):
        best = retriever.search_embedding(vector, 3)[0]
        expected = reference(i)
        assert best.id == expected.id
        assert best.score == pytest.approx(1.0, abs=1e-5)
        assert (best.lat_deg, best.lon_deg) == (expected.lat_deg, expected.lon_deg)
        assert best.country_code == (expected.country_code or None)
        assert (best.license, best.attribution) == ("CC-BY-4.0", f"Someone {i}")


def test_search_inside_countries_is_brute_force_inside(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    vectors = photo_vectors()
    for codes in ({"PT"}, {"DE", "PT"}, {"DE", "FR"}, {"FR", "XX"}):
        inside = [i for i in range(COUNT) if reference(i).country_code in codes]
        for query in photo_vectors(20, seed=1):
            found = retriever.search_embedding(query, 10, frozenset(codes))
            best = sorted(inside, key=lambda i: -float(vectors[i] @ query))[:10]
            assert [r.id for r in found] == [reference(i).id for i in best]


def test_a_region_without_photos_gives_nothing_and_a_small_one_gives_all(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    query = photo_vectors(1, seed=2)[0]
    assert retriever.search_embedding(query, 5, frozenset({"XX"})) == []
    assert retriever.search_embedding(query, 5, frozenset()) == []
    assert len(retriever.search_embedding(query, 1000, frozenset({"PT"}))) == 15
    assert len(retriever.search_embedding(query, 1000)) == COUNT
    assert retriever.country_counts() == {"": 15, "DE": 15, "FR": 15, "PT": 15}


def test_photos_of_no_known_country_are_found_only_in_the_world(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    lost = photo_vectors()[0]
    assert retriever.search_embedding(lost, 1)[0].country_code is None
    assert retriever.search_embedding(lost, 1, frozenset({""})) == []


def test_the_length_of_a_query_does_not_matter(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    query = photo_vectors(1, seed=3)[0]
    long, unit = retriever.search_embedding(query * 40, 5), retriever.search_embedding(query, 5)
    assert [r.id for r in long] == [r.id for r in unit]
    assert [r.score for r in long] == pytest.approx([r.score for r in unit], abs=1e-6)


@pytest.mark.parametrize(
    "query",
    [
        np.zeros(DIMENSION, np.float32),
        np.full(DIMENSION, np.nan, np.float32),
        np.full(DIMENSION, np.inf, np.float32),
        np.ones(DIMENSION + 1, np.float32),
        np.ones((1, DIMENSION), np.float32),
    ],
)
def test_unusable_queries_are_refused(saved: Path, query: NDArray[np.float32]) -> None:
    with pytest.raises(InputError):
        FaissRetriever.load(saved, QUERY_ENCODER).search_embedding(query, 5)


@pytest.mark.parametrize("k", [0, -1, 10**9])
def test_an_absurd_k_is_refused(saved: Path, k: int) -> None:
    with pytest.raises(InputError, match="k is"):
        FaissRetriever.load(saved, QUERY_ENCODER).search_embedding(photo_vectors(1)[0], k)


def test_threads_share_a_retriever(saved: Path) -> None:
    retriever = FaissRetriever.load(saved, QUERY_ENCODER)
    queries = photo_vectors(200, seed=4)
    expected = [
        [r.id for r in retriever.search_embedding(q, 5, frozenset({"FR"}))] for q in queries
    ]
    found: dict[int, list[str]] = {}

    def work(start: int) -> None:
        for i in range(start, len(queries), 4):
            found[i] = [r.id for r in retriever.search_embedding(queries[i], 5, frozenset({"FR"}))]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(len(queries))] == expected


def test_missing_folder(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "nowhere")


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    assert "not an index folder" in refusal(tmp_path / "photo.jpg")


def test_a_folder_that_is_no_index(tmp_path: Path) -> None:
    assert "manifest.json is missing" in refusal(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(copied: Path, name: str) -> None:
    (copied / name).unlink()
    assert f"{name} is missing" in refusal(copied)


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file(copied: Path, name: str) -> None:
    (copied / name).write_bytes(b"")
    assert name in refusal(copied)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0.01, 0.5, 0.99])
def test_a_truncated_file(copied: Path, name: str, kept: float) -> None:
    whole = (copied / name).read_bytes()
    (copied / name).write_bytes(whole[: int(len(whole) * kept)])
    assert name in refusal(copied)


@pytest.mark.parametrize("name", FILES)
def test_bytes_at_the_end(copied: Path, name: str) -> None:
    with (copied / name).open("ab") as file:
        file.write(b"more")
    assert name in refusal(copied)


def test_another_encoder_is_named(copied: Path) -> None:
    message = refusal(copied, encoder_id="better-encoder/2")
    assert ENCODER in message
    assert "better-encoder/2" in message
    assert "build" in message


def test_looking_at_an_index_needs_no_encoder(saved: Path) -> None:
    assert FaissRetriever.load(saved, None).manifest.encoder_id == ENCODER


def test_a_newer_format_says_so(copied: Path) -> None:
    edit_manifest(copied, format_version=99, something_new=True)
    assert "newer version" in refusal(copied)


def test_an_empty_index_says_so(copied: Path) -> None:
    edit_manifest(copied, count=0)
    assert "empty" in refusal(copied)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "something-else"},
        {"format_version": True},
        {"format_version": "1"},
        {"count": COUNT + 1},
        {"count": COUNT - 1},
        {"count": -1},
        {"count": 10**18},
        {"count": "60"},
        {"dimension": DIMENSION * 2},
        {"dimension": 0},
        {"dimension": 2**31},
        {"metric": "l2"},
        {"index_kind": "IndexIVFScalarQuantizer"},
        {"index_kind": "IndexHNSWFlat"},
        {"encoder_id": ""},
        {"created": "yesterday"},
        {"files": {}},
        {"files": None},
        {"surprise": 1},
    ],
)
def test_a_manifest_that_does_not_fit(copied: Path, changes: dict[str, Any]) -> None:
    edit_manifest(copied, **changes)
    assert refusal(copied, encoder_id=None)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[" * 50_000, '{"format": NaN}', "\0" * 200, "x" * 100_000]
)
def test_a_manifest_that_is_no_manifest(copied: Path, text: str) -> None:
    (copied / "manifest.json").write_text(text)
    assert "manifest.json" in refusal(copied)


@pytest.mark.parametrize("name", FILES)
def test_random_bit_flips_are_refused_or_harmless(saved: Path, copied: Path, name: str) -> None:
    """Only the manifest has bits that change nothing: its spacing and the time of writing."""
    whole = (saved / name).read_bytes()
    query = photo_vectors(1, seed=5)[0]
    expected = FaissRetriever.load(saved, QUERY_ENCODER).search_embedding(query, 10)
    rng = np.random.default_rng(len(name))
    refused = 0
    for bit in rng.integers(8 * len(whole), size=150):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << (bit % 8)
        (copied / name).write_bytes(damaged)
        try:
            found = FaissRetriever.load(copied, QUERY_ENCODER).search_embedding(query, 10)
        except ReferenceIndexError:
            refused += 1
        else:
            assert name == "manifest.json"
            assert found == expected
    assert refused == 150 if name != "manifest.json" else refused > 100


@pytest.mark.parametrize(
    "changes",
    [
        {"lat_deg": 90.5},
        {"lat_deg": float("nan")},
        {"lon_deg": 180.0},
        {"lon_deg": float("inf")},
        {"country_code": "de"},
        {"country_code": "DEU"},
        {"id": "photo-001"},
        {"attribution": "x" * 5000},
        {"country_code": "AA"},  # not in its place among the sorted countries
    ],
)
def test_a_table_with_a_bad_value_is_refused_although_its_sha256_is_right(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    rows = [reference(i) for i in range(COUNT)]
    rows[40] = reference(40, **changes)
    save(tmp_path / "bad.index", rows)
    assert "references.parquet is damaged" in refusal(tmp_path / "bad.index")


def test_a_table_with_other_columns_or_rows_is_refused(saved: Path, copied: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(saved / FILES[1])
    without = table.drop_columns(["license"])
    nulls = table.set_column(0, "id", pa.array([None] * COUNT, pa.string()))
    for damaged in (table.slice(1), without, nulls, pa.concat_tables([table, table])):
        pq.write_table(damaged, copied / FILES[1])
        revouch(copied)
        assert "references.parquet is damaged" in refusal(copied)


def test_files_that_vouch_for_each_other_but_come_from_two_indexes(
    saved: Path, copied: Path, tmp_path: Path
) -> None:
    save(tmp_path / "other.index", vectors=photo_vectors(COUNT - 5))
    for name in FILES[1:]:
        shutil.copy(saved / FILES[1], copied / FILES[1])
        shutil.copy(saved / FILES[2], copied / FILES[2])
        shutil.copy(tmp_path / "other.index" / name, copied / name)
        revouch(copied)
        assert name in refusal(copied)


def test_a_load_during_a_replacement_gets_the_old_or_the_new_index(tmp_path: Path) -> None:
    folder = tmp_path / "busy.index"
    small, large = photo_vectors(20), photo_vectors(COUNT)
    save(folder, vectors=small)
    stop = threading.Event()
    counts, errors = set(), []

    def load() -> None:
        while not stop.is_set():
            try:
                counts.add(FaissRetriever.load(folder, QUERY_ENCODER).manifest.count)
            except GeoAgentError as error:
                errors.append(str(error))

    reader = threading.Thread(target=load)
    reader.start()
    for turn in range(30):
        save(folder, vectors=large if turn % 2 else small)
    stop.set()
    reader.join()
    assert errors == []
    assert counts <= {20, COUNT}


def test_texts_of_an_index_are_harmless_before_they_go_anywhere(tmp_path: Path) -> None:
    hostile = "\x1b[2J\n\u202e\ud800".encode("utf-8", "replace").decode() + "x" * 3000
    vectors = np.eye(8, dtype=np.float32)[:1]
    rows = [ReferenceRow(hostile, 1.0, 2.0, "PT", hostile, hostile, hostile, "0" * 64, "")]
    with lock_index(tmp_path / "ix"):
        save_index(tmp_path / "ix", IndexParts("e/1", make_index(vectors, np.arange(1)), rows))
    (found,) = FaissRetriever.load(tmp_path / "ix", None).search_embedding(vectors[0], 1)
    shown = (found.id, found.license, found.attribution, found.source_url)
    assert all(text.isprintable() and len(text) <= 4000 for text in shown)
    assert len(found.id) <= 200
