"""Shards: what add, remove, merge and slice leave alone, what they join, and what they answer."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import InputError, ReferenceIndexError, StorageError
from geoagent_graph.retrieval import index_folder
from geoagent_graph.retrieval.assemble_index import (
    NewPhotos,
    Selection,
    assemble,
    group_shards,
)
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.index_format import read_manifest
from geoagent_graph.retrieval.index_merge import merge_indexes
from geoagent_graph.retrieval.index_removal import RemovalChoice, remove_from_index
from geoagent_graph.retrieval.index_slice import slice_index
from geoagent_graph.retrieval.keypoints import RECORD_BYTES
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import open_shards
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index

ENCODER = "unit/1"
DIMENSION = 24
CODES = ("DE", "FR", "PT")


def row(number: int, **changes: Any) -> ReferenceRow:
    fields = {
        "id": f"photo-{number:04}",
        "lat_deg": 10.0 + number % 37,
        "lon_deg": -20.0 + number % 23,
        "country_code": CODES[number % 3],
        "license": "CC0" if number % 5 else "CC BY 4.0",
        "attribution": "nobody",
        "source_url": f"https://photos.example/{number}",
        "sha256": f"{number:064x}",
        "cluster_id": "",
    }
    return ReferenceRow(**{**fields, **changes})


def vector(number: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(number).standard_normal(DIMENSION)
    return np.asarray(drawn / np.linalg.norm(drawn), np.float32)


def record(row: ReferenceRow) -> bytes:
    return row.id.encode().ljust(RECORD_BYTES, b"\x01")


def photos(numbers: range) -> NewPhotos:
    vectors = np.stack([vector(number) for number in numbers])
    return NewPhotos(ENCODER, [row(number) for number in numbers], vectors, record)


def save(folder: Path, numbers: range) -> Path:
    with lock_index(folder):
        learn_and_save(folder, assemble([], photos(numbers)), None, str)
    return folder


def add(folder: Path, numbers: range) -> None:
    with lock_index(folder):
        shards = open_shards(folder, read_manifest(folder), with_vectors=False)
        held = [Selection(shard, np.ones(len(shard), np.bool_)) for shard in shards]
        learn_and_save(folder, assemble(held, photos(numbers)), None, str)


def check_holds(folder: Path, numbers: set[int]) -> None:
    """Every photo is found by its own vector with its own row and keypoints, and no other is."""
    retriever = FaissRetriever.load(folder, None)
    assert sorted(retriever.table.ids()) == sorted(row(number).id for number in numbers)
    assert retriever.keypoints is not None
    ids = retriever.table.ids()
    for number in sorted(numbers):
        best = retriever.search_embedding(vector(number), 1)[0]
        assert (best.id, round(best.score, 3)) == (row(number).id, 1.0)
        place = ids.index(best.id)
        assert retriever.keypoints.read_record(place) == record(row(number))
        stored = retriever.table.stored_vectors(np.array([place]))[0]
        np.testing.assert_allclose(stored, vector(number), atol=1e-6)


def inodes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([(100, True), (1, True)], [[0], [1]]),
        ([(100, True), (50, True)], [[0, 1]]),
        ([(100, True), (10, True), (5, True)], [[0], [1, 2]]),
        ([(100, True), (40, True), (30, True)], [[0, 1, 2]]),
        ([(100, True), (0, True), (60, True)], [[0, 2]]),
        ([(100, False), (60, True)], [[0], [1]]),
        ([(300_000, True), (300_000, True)], [[0], [1]]),
        ([], []),
    ],
)
def test_small_neighbours_are_joined(
    sizes: list[tuple[int, bool]], groups: list[list[int]]
) -> None:
    assert group_shards(sizes) == groups


def test_adding_photos_one_by_one_leaves_few_shards_and_loses_none(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    first = inodes(folder)["index.faiss"]
    for number in range(40, 59):
        add(folder, range(number, number + 1))
    check_holds(folder, set(range(59)))
    shards = sorted(path for path in folder.iterdir() if path.is_dir())
    assert [read_manifest(shard).count for shard in shards] == [40, 13, 5, 1]
    assert inodes(shards[0])["index.faiss"] == first  # never written anew
    add(folder, range(59, 61))
    assert read_manifest(folder).index_kind == "IndexFlat"  # all in one again
    check_holds(folder, set(range(61)))


def test_removing_writes_only_the_shards_that_had_the_photos(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    add(folder, range(40, 50))
    before = inodes(folder / "shard-000001")
    remove_from_index(folder, RemovalChoice(ids=frozenset({"photo-0041"})))
    check_holds(folder, set(range(50)) - {41})
    assert inodes(folder / "shard-000001") == before
    others = frozenset(row(number).id for number in range(40, 50) if number != 41)
    remove_from_index(folder, RemovalChoice(ids=others))
    check_holds(folder, set(range(40)))
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json", "index.faiss", "references.parquet", "keypoints.bin", "keypoints.sha256",
    }  # fmt: skip


def test_countries_are_exact_over_all_shards(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    add(folder, range(40, 50))
    retriever = FaissRetriever.load(folder, None)
    assert retriever.country_counts() == {"DE": 17, "FR": 17, "PT": 16}
    for query in (vector(1000), vector(1001)):
        inside = [n for n in range(50) if CODES[n % 3] in ("DE", "PT")]
        best = sorted(inside, key=lambda n: -float(vector(n) @ query))[:7]
        found = retriever.search_embedding(query, 7, frozenset({"DE", "PT"}))
        assert [hit.id for hit in found] == [row(n).id for n in best]


def test_a_merge_holds_every_photo_once(tmp_path: Path) -> None:
    first, second = save(tmp_path / "a", range(40)), save(tmp_path / "b", range(35, 50))
    report = merge_indexes([first, second], tmp_path / "c")
    assert (report.same_photo, report.same_id, report.manifest.count) == (5, [], 50)
    for folder, numbers in (("a", range(40)), ("b", range(35, 50)), ("c", range(50))):
        check_holds(tmp_path / folder, set(numbers))
    assert merge_indexes([first, second], first).manifest.count == 50
    check_holds(first, set(range(50)))


def test_another_photo_of_the_same_id_is_named(tmp_path: Path) -> None:
    first = save(tmp_path / "a", range(10))
    with lock_index(tmp_path / "b"):
        rows = [row(3, sha256="f" * 64)]
        save_index(
            tmp_path / "b", IndexParts(ENCODER, make_index(vector(99)[None], np.arange(1)), rows)
        )
    report = merge_indexes([first, tmp_path / "b"], tmp_path / "c")
    assert (report.same_photo, report.same_id) == (0, ["photo-0003"])
    check_holds(tmp_path / "c", set(range(10)))


def test_what_cannot_be_merged_is_refused(tmp_path: Path) -> None:
    first = save(tmp_path / "a", range(4))
    with pytest.raises(InputError, match="two or more"):
        merge_indexes([first, first], tmp_path / "c")
    with lock_index(tmp_path / "b"):
        index = make_index(vector(7)[None], np.arange(1))
        save_index(tmp_path / "b", IndexParts("other/1", index, [row(7)]))
    with pytest.raises(InputError, match="made by the encoder other/1"):
        merge_indexes([first, tmp_path / "b"], tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_a_slice_is_the_countries_and_leaves_its_source(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    add(folder, range(40, 50))
    report = slice_index(folder, frozenset({"PT"}), tmp_path / "pt")
    assert report.manifest.count == 16
    check_holds(tmp_path / "pt", {n for n in range(50) if n % 3 == 2})
    check_holds(folder, set(range(50)))
    with pytest.raises(InputError, match="holds no photo from XX"):
        slice_index(folder, frozenset({"XX"}), tmp_path / "xx")
    with pytest.raises(InputError, match="another folder"):
        slice_index(folder, frozenset({"PT"}), folder)


def test_a_shard_that_is_damaged_missing_or_foreign_is_refused(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    add(folder, range(40, 50))
    other = save(tmp_path / "other", range(10))
    manifest = folder / "shard-000002" / "manifest.json"
    whole = manifest.read_bytes()
    for damaged in (b"{}", (other / "manifest.json").read_bytes(), whole + b" "):
        manifest.write_bytes(damaged)
        with pytest.raises(ReferenceIndexError, match="shard-000002"):
            FaissRetriever.load(folder, None)
    manifest.unlink()
    with pytest.raises(ReferenceIndexError, match="shard-000002"):
        FaissRetriever.load(folder, None)


@pytest.mark.parametrize("name", ["../other", "shard-1", "/etc", "shard-000001/../x"])
def test_a_shard_lies_in_the_folder(tmp_path: Path, name: str) -> None:
    folder = save(tmp_path / "ix", range(40))
    add(folder, range(40, 50))
    fields = json.loads((folder / "manifest.json").read_bytes())
    fields["shards"][0]["name"] = name
    (folder / "manifest.json").write_text(json.dumps(fields))
    with pytest.raises(ReferenceIndexError, match="shards"):
        FaissRetriever.load(folder, None)


def test_what_is_damaged_goes_into_no_other_index(tmp_path: Path) -> None:
    folder, other = save(tmp_path / "ix", range(40)), save(tmp_path / "other", range(50, 60))
    add(folder, range(40, 50))
    path = folder / "shard-000001" / "index.faiss"
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.unlink()
    path.write_bytes(damaged)
    with pytest.raises(ReferenceIndexError, match=r"index\.faiss is damaged"):
        merge_indexes([folder, other], tmp_path / "c")
    with pytest.raises(ReferenceIndexError, match=r"index\.faiss is damaged"):
        slice_index(folder, frozenset({"PT", "DE", "FR"}), tmp_path / "all")
    assert not (tmp_path / "c").exists()


def test_a_file_that_is_a_link_stays_what_it_is(tmp_path: Path) -> None:
    folder = save(tmp_path / "ix", range(40))
    moved = tmp_path / "elsewhere"
    (folder / "index.faiss").rename(moved)
    (folder / "index.faiss").symlink_to(moved)
    add(folder, range(40, 42))
    assert not (folder / "shard-000001" / "index.faiss").is_symlink()
    check_holds(folder, set(range(42)))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_an_index_that_cannot_be_written_can_be_read_into_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    first, second = save(tmp_path / "a", range(40)), save(tmp_path / "b", range(35, 50))
    (first / "README.txt").write_text("whose photos these are")
    acquire = index_folder._acquire_lock

    def refuse(folder: Path) -> Any:
        if folder == first.resolve():
            raise OSError(number, os.strerror(number))
        return acquire(folder)

    monkeypatch.setattr(index_folder, "_acquire_lock", refuse)
    assert merge_indexes([first, second], tmp_path / "c").manifest.count == 50
    slice_index(first, frozenset({"PT"}), tmp_path / "pt")
    check_holds(tmp_path / "pt", {n for n in range(40) if n % 3 == 2})
    with pytest.raises(InputError, match="holds other files"):
        slice_index(second, frozenset({"PT"}), first)
    (first / "README.txt").unlink()
    with pytest.raises(StorageError, match="cannot be written"):
        slice_index(second, frozenset({"PT"}), first)


def test_a_source_that_is_written_meanwhile_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_folder, "_LOCK_SECONDS", 0.1)
    folder = save(tmp_path / "ix", range(10))
    with lock_index(folder), pytest.raises(ReferenceIndexError, match="another process"):
        slice_index(folder, frozenset({"PT"}), tmp_path / "pt")
