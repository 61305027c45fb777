"""Compressed codes in mapped files: found as by brute force, resumed, refused when damaged."""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from benchmarks.index_kills import contents
from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.retrieval import build_from_vectors as module
from geoagent_graph.retrieval import coded_build, coded_search, index_plan, open_shard
from geoagent_graph.retrieval.assemble_index import NewPhotos, Selection, assemble
from geoagent_graph.retrieval.build_from_vectors import build_from_vectors, plan_of
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import lock_index
from geoagent_graph.retrieval.index_format import check_file, read_manifest
from geoagent_graph.retrieval.index_plan import IndexPlan
from geoagent_graph.retrieval.index_removal import RemovalChoice, remove_from_index
from geoagent_graph.retrieval.index_slice import slice_index
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import open_shards
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_rows import VectorTable

COUNT, DIMENSION = 3000, 32
ENCODER = "drawn/1"
CODES = ("DE", "FR", "PT")


def vectors() -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, DIMENSION))
    drawn = centres[rng.integers(40, size=COUNT)] + 0.6 * rng.standard_normal((COUNT, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def write_table(folder: Path, **changes: list[Any]) -> VectorTable:
    flat = pa.array(vectors().astype(np.float16).ravel())
    columns: dict[str, Any] = {
        "id": [f"p{i}" for i in range(COUNT)],
        "lat": [float(i % 80) for i in range(COUNT)],
        "lon": [float(i % 170) for i in range(COUNT)],
        "country": [CODES[i % 3] for i in range(COUNT)],
        "license": ["CC0" if i % 50 else "CC BY 4.0" for i in range(COUNT)],
        "embedding": pa.FixedSizeListArray.from_arrays(flat, DIMENSION),
    }
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns | changes), folder / "t.parquet")
    return VectorTable(folder / "t.parquet", "embedding", lambda lat_deg, lon_deg: "ES")


@pytest.fixture(autouse=True)
def small_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shards of 48 lists, and exact scans of at most 200 vectors."""
    planned = IndexPlan("IndexIVFPQFastScan", COUNT, DIMENSION, 48, 2, 1.0, 1, 1)
    monkeypatch.setattr(module, "plan_of", lambda table, memory_bytes=0: planned)
    monkeypatch.setattr(coded_search, "MAX_SCANNED", 200)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("coded")
    table = write_table(room)
    with pytest.MonkeyPatch.context() as patch:
        planned = IndexPlan("IndexIVFPQFastScan", COUNT, DIMENSION, 48, 2, 1.0, 1, 1)
        patch.setattr(module, "plan_of", lambda table, memory_bytes=0: planned)
        report = build_from_vectors(table, ENCODER, room / "ix")
    assert (report.manifest.index_kind, report.manifest.count, report.same) == ("Shards", COUNT, 0)
    assert {path.name for path in room.iterdir()} == {"t.parquet", "ix", ".ix.lock"}
    return room / "ix"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index as earlier versions made it: three bits a number."""
    room = tmp_path_factory.mktemp("old")
    with pytest.MonkeyPatch.context() as patch:
        planned = IndexPlan("IndexIVFRaBitQ", COUNT, DIMENSION, 48, 2, 1.0, 1, 1)
        patch.setattr(module, "plan_of", lambda table, memory_bytes=0: planned)
        patch.setattr(coded_build, "train_codes", train_bit_codes)
        build_from_vectors(write_table(room), ENCODER, room / "ix")
    return room / "ix"


def train_bit_codes(sample: NDArray[np.float32], lists: int) -> Any:
    faiss = import_faiss()
    index = faiss.IndexIVFRaBitQ(
        faiss.IndexFlatIP(DIMENSION), DIMENSION, lists, faiss.METRIC_INNER_PRODUCT, True, 3
    )
    index.cp.min_points_per_centroid = 1
    index.train(sample)
    return index


@pytest.fixture(params=["built", "old"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an index of each kind."""
    return Path(shutil.copytree(request.getfixturevalue(request.param), tmp_path / "ix"))


@pytest.fixture
def copied(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "ix"))


def test_each_kind_says_what_it_is(built: Path, old: Path) -> None:
    for folder, kind, version in ((built, "IndexIVFPQFastScan", 6), (old, "IndexIVFRaBitQ", 5)):
        manifests = [read_manifest(folder / name) for name in (".", "shard-000001")]
        assert [manifest.format_version for manifest in manifests] == [version] * 2
        assert manifests[1].index_kind == kind


def test_what_is_found_is_what_brute_force_finds(either: Path) -> None:
    retriever = FaissRetriever.load(either, None)
    every = vectors()
    for codes in (None, *map(frozenset[str], ({"PT"}, {"DE", "PT"}, {"DE", "FR"}))):
        inside = [i for i in range(COUNT) if codes is None or CODES[i % 3] in codes]
        right = 0
        for query in every[::60] + 0.01:
            best = sorted(inside, key=lambda i: -float(every[i] @ query))[:10]
            found = retriever.search_embedding(query, 10, codes)
            right += len({f"p{i}" for i in best} & {hit.id for hit in found})
            unit = query / np.linalg.norm(query)
            exact = [float(every[int(hit.id[1:])] @ unit) for hit in found]
            assert [hit.score for hit in found] == pytest.approx(exact, abs=2e-3)
            assert all(codes is None or hit.country_code in codes for hit in found)
        assert right >= 0.97 * 10 * 50
    assert retriever.search_embedding(every[0], 3, frozenset({"XX"})) == []


def test_rows_lie_by_country_in_shards_that_follow_each_other(built: Path) -> None:
    first, second = FaissRetriever.load(built, None).table.shards
    assert list(first.countries.ranges) == ["DE", "FR"]
    assert list(second.countries.ranges) == ["FR", "PT"]
    assert len(first) == len(second) == COUNT // 2


def test_the_same_rows_give_the_same_files(built: Path, tmp_path: Path) -> None:
    build_from_vectors(write_table(tmp_path), ENCODER, tmp_path / "ix")
    assert contents(tmp_path / "ix") == contents(built)


@pytest.mark.parametrize("step", ["train_codes", "make_shard"])
def test_a_build_that_was_stopped_goes_on_and_ends_the_same(
    step: str, built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = getattr(coded_build, step), []

    def stop_at_last(*given: Any) -> Any:
        calls.append(step)
        if len(calls) == (1 if step == "train_codes" else 2):
            raise KeyboardInterrupt
        return real(*given)

    table = write_table(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(coded_build, step, stop_at_last)
        with pytest.raises(KeyboardInterrupt):
            build_from_vectors(table, ENCODER, tmp_path / "ix")
    assert not (tmp_path / "ix").exists()

    def read_again(table: VectorTable) -> Any:
        raise AssertionError("its rows lie in order already")

    monkeypatch.setattr(coded_build, "read_keys", read_again)
    build_from_vectors(table, ENCODER, tmp_path / "ix")
    assert contents(tmp_path / "ix") == contents(built)
    assert not (tmp_path / ".ix.building").exists()


def test_of_another_table_nothing_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*given: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(coded_build, "train_codes", stop)
        with pytest.raises(KeyboardInterrupt):
            build_from_vectors(write_table(tmp_path), ENCODER, tmp_path / "ix")
    other = write_table(tmp_path, id=[f"q{i}" for i in range(COUNT)])
    build_from_vectors(other, ENCODER, tmp_path / "ix")
    assert set(FaissRetriever.load(tmp_path / "ix", None).table.ids()) == {
        f"q{i}" for i in range(COUNT)
    }


def test_the_same_id_or_photo_comes_in_once(tmp_path: Path) -> None:
    ids = [f"p{i if i != 7 else 6}" for i in range(COUNT)]
    digests = [f"{i if i != 9 else 8:064x}" for i in range(COUNT)]
    report = build_from_vectors(
        write_table(tmp_path, id=ids, sha256=digests), ENCODER, tmp_path / "ix"
    )
    assert (report.same, report.manifest.count) == (2, COUNT - 2)
    assert "p9" not in FaissRetriever.load(tmp_path / "ix", None).table.ids()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lat": [91.0] * COUNT}, "row 1: its position"),
        ({"lon": [0.0] * 5 + [None] * (COUNT - 5)}, "row 6: its position"),
        ({"country": ["Portugal"] * COUNT}, "row 1: its country"),
        ({"id": [""] * COUNT}, "row 1: its id"),
        ({"id": ["a\x1b[31m"] * COUNT}, "row 1: its id"),
        ({"sha256": ["unknown"] * COUNT}, "row 1: its sha256 is none"),
        ({"lat": ["north"] * COUNT}, "row 1 or later: cannot be read: .*north"),
        ({"embedding": [1.0] * COUNT}, "no column of lists"),
    ],
)
def test_rows_that_are_no_references_are_named(
    changes: dict[str, list[Any]], words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        build_from_vectors(write_table(tmp_path, **changes), ENCODER, tmp_path / "ix")


def test_a_table_with_two_columns_of_one_name_is_refused(tmp_path: Path) -> None:
    table = write_table(tmp_path)
    twin = pq.read_table(table.path)
    twin = pa.Table.from_arrays([*twin.columns, twin["lon"]], [*twin.schema.names, "lat"])
    pq.write_table(twin, table.path)
    with pytest.raises(InputError, match="two columns lat"):
        build_from_vectors(table, ENCODER, tmp_path / "ix")


def test_a_vector_that_is_not_finite_is_named(tmp_path: Path) -> None:
    numbers = vectors()
    numbers[17, 3] = np.nan
    column = pa.FixedSizeListArray.from_arrays(pa.array(numbers.ravel()), DIMENSION)
    table = write_table(tmp_path, embedding=column)
    with pytest.raises(InputError, match="row 18: its vector is zero or not finite"):
        build_from_vectors(table, ENCODER, tmp_path / "ix")


def test_photos_are_added_to_it_removed_from_it_and_cut_out_of_it(
    either: Path, tmp_path: Path
) -> None:
    copied = either
    kinds = {read_manifest(copied / f"shard-00000{i}").index_kind for i in (1, 2)}
    extra = ReferenceRow("new", 1.0, 2.0, "PT", "CC0", "", "", "f" * 64, "")
    query = -vectors()[0]
    with lock_index(copied):
        shards = open_shards(copied, read_manifest(copied), with_vectors=False)
        held = [Selection(shard, np.ones(len(shard), np.bool_)) for shard in shards]
        new = NewPhotos(ENCODER, [extra], query[None])
        learn_and_save(copied, assemble(held, new), None, str)
    retriever = FaissRetriever.load(copied, None)
    assert [len(shard) for shard in retriever.table.shards] == [COUNT // 2, COUNT // 2, 1]
    assert retriever.search_embedding(query, 1)[0].id == "new"
    gone = {f"p{i}" for i in range(0, COUNT, 50)}
    assert remove_from_index(copied, RemovalChoice(licenses=frozenset({"CC BY 4.0"}))).removed == 60
    retriever = FaissRetriever.load(copied, None)
    assert set(retriever.table.ids()) == {"new", *(f"p{i}" for i in range(COUNT))} - gone
    hits = retriever.search_embedding(vectors()[50], 10)
    assert not {hit.id for hit in hits} & gone
    assert retriever.search_embedding(vectors()[51], 1)[0].id == "p51"
    slice_index(copied, frozenset({"PT"}), tmp_path / "pt")
    portugal = FaissRetriever.load(tmp_path / "pt", None)
    assert set(portugal.country_counts()) == {"PT"}
    assert portugal.search_embedding(vectors()[53], 1)[0].id == "p53"
    assert {shard.manifest.index_kind for shard in portugal.table.shards} == kinds | {"IndexFlat"}
    assert [hit.id for hit in portugal.search_embedding(vectors()[53], 3)] == nearest(
        53, gone, "PT"
    )


def nearest(number: int, gone: set[str], country: str) -> list[str]:
    cosines = vectors() @ vectors()[number]
    order = [f"p{i}" for i in np.argsort(-cosines).tolist() if CODES[i % 3] == country]
    return [name for name in order if name not in gone][:3]


def revouch(folder: Path, name: str) -> None:
    """Make both manifests vouch for a file as it is now: what a malicious index would do."""
    shard = folder / "shard-000001"
    fields = json.loads((shard / "manifest.json").read_bytes())
    fields["files"][name] = of(shard / name)
    (shard / "manifest.json").write_text(json.dumps(fields))
    fields = json.loads((folder / "manifest.json").read_bytes())
    fields["shards"][0]["manifest"] = of(shard / "manifest.json")
    (folder / "manifest.json").write_text(json.dumps(fields))


def of(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size_bytes": len(data)}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(
            ("built", name)
            for name in ("index.faiss", "lists.bin", "exact.f16", "references.arrow")
        ),
        ("old", "index.faiss"),
    ],
)
def test_damage_is_refused_and_what_vouches_for_it_too(
    kind: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    copied = Path(shutil.copytree(request.getfixturevalue(kind), tmp_path / "ix"))
    path = copied / "shard-000001" / name
    whole = path.read_bytes()
    rng = np.random.default_rng(len(name))
    for number in range(40):
        shutil.rmtree(copied.parent / ".ix.checked", ignore_errors=True)
        damaged = bytearray(whole)
        if number % 4 == 3:
            del damaged[int(rng.integers(len(whole))) :]
        else:
            at = int(rng.integers(min(len(whole), 4000 if number % 2 else len(whole))))
            damaged[at : at + 8] = rng.bytes(8)
        path.unlink()
        path.write_bytes(damaged)
        with pytest.raises(ReferenceIndexError):
            FaissRetriever.load(copied, None)
        revouch(copied, name)
        # now the digests agree: refused for what it holds, or searched without harm
        with contextlib.suppress(ReferenceIndexError):
            FaissRetriever.load(copied, None).search_embedding(vectors()[0], 20)
        path.write_bytes(whole)
        revouch(copied, name)


def test_large_files_are_read_once_until_they_change(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def note(file: Any, record: Any, folder: Path, name: str) -> None:
        read.append(name)
        check_file(file, record, folder, name)

    monkeypatch.setattr(open_shard, "check_file", note)
    for expected in (8, 0):
        FaissRetriever.load(copied, None)
        assert len([name for name in read if name != "manifest.json"]) == expected
        read.clear()
    path = copied / "shard-000002" / "exact.f16"
    damaged = bytearray(path.read_bytes())
    damaged[0] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ReferenceIndexError, match=r"exact\.f16 is damaged"):
        FaissRetriever.load(copied, None)


def test_a_small_table_is_kept_as_photos_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "plan_of", plan_of)
    report = build_from_vectors(write_table(tmp_path), ENCODER, tmp_path / "ix")
    assert report.manifest.index_kind == index_plan.plan_index(COUNT, DIMENSION).kind == "IndexFlat"
    hit = FaissRetriever.load(tmp_path / "ix", None).search_embedding(vectors()[11], 1)[0]
    assert (hit.id, round(hit.score, 3), hit.country_code) == ("p11", 1.0, "PT")


def test_a_table_is_read_in_parts_not_kept_whole(tmp_path: Path) -> None:
    count, path = 262_144, tmp_path / "large.parquet"
    drawn = np.random.default_rng(0).standard_normal(count * 64).astype(np.float16)
    zeros = pa.array(np.zeros(count))
    columns = {
        "id": pa.array(map(str, range(count))), "lat": zeros, "lon": zeros,
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(drawn), 64),
    }  # fmt: skip
    pq.write_table(pa.table(columns), path, row_group_size=2048)
    del columns, drawn
    table = VectorTable(path, "embedding", lambda lat_deg, lon_deg: "ES")
    before, most = pa.total_allocated_bytes(), 0
    for batch in table.batches():
        most = max(most, pa.total_allocated_bytes() - before)
        assert batch.rows.num_rows
    assert most < path.stat().st_size / 2
