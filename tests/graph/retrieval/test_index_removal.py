"""Photos leave an index with all that is kept of them, in one step, or stay."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.retrieval import learn_index
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever, load_place_vectors
from geoagent_graph.retrieval.index_folder import IndexParts, save_index
from geoagent_graph.retrieval.index_removal import RemovalChoice, remove_from_index
from geoagent_graph.retrieval.keypoints import RECORD_BYTES
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index

COUNT = 12
SECRET = b"\x7b" * RECORD_BYTES


def row(number: int) -> ReferenceRow:
    return ReferenceRow(
        id=f"photo-{number}", lat_deg=40.0 + number, lon_deg=-8.0, country_code="PT",
        license="CC BY 4.0" if number % 2 else "CC0", attribution="nobody",
        source_url=f"https://photos.example/{number % 3}/{number}",
        sha256=f"{number:064x}", cluster_id="",
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vectors = np.eye(COUNT, dtype=np.float32)
    places = PlaceVectors("places/1", np.arange(COUNT), vectors.astype(np.float16))
    records = [SECRET if number == 4 else bytes([number]) * RECORD_BYTES for number in range(COUNT)]
    parts = IndexParts(
        "unit/1", make_index(vectors, np.arange(COUNT)), [row(n) for n in range(COUNT)],
        places=places, keypoints=records,
    )  # fmt: skip
    save_index(tmp_path / "ix", parts)
    return tmp_path / "ix"


def ids_of(folder: Path) -> list[str]:
    return FaissRetriever.load(folder, None).table.ids()


@pytest.mark.parametrize(
    ("choice", "gone"),
    [
        (RemovalChoice(ids=frozenset({"photo-4"})), {4}),
        (RemovalChoice(licenses=frozenset({"CC0"})), set(range(0, COUNT, 2))),
        (RemovalChoice(sources=("https://photos.example/1/*",)), set(range(1, COUNT, 3))),
        (RemovalChoice(sources=("https://photos.example/1/4",)), {4}),
    ],
)
def test_what_was_chosen_is_gone_and_the_others_are_found(
    folder: Path, choice: RemovalChoice, gone: set[int]
) -> None:
    report = remove_from_index(folder, choice)
    assert report.removed == len(gone)
    left = [number for number in range(COUNT) if number not in gone]
    retriever = FaissRetriever.load(folder, None)
    assert retriever.table.ids() == [f"photo-{number}" for number in left]
    for number in left:
        best = retriever.search_embedding(np.eye(COUNT, dtype=np.float32)[number], 1)[0]
        assert (best.id, round(best.score, 3)) == (f"photo-{number}", 1.0)
    places = load_place_vectors(folder, retriever.manifest)
    assert places is not None
    assert np.argmax(places.vectors, axis=1).tolist() == left


def test_nothing_of_a_photo_stays_in_the_folder(folder: Path) -> None:
    remove_from_index(folder, RemovalChoice(ids=frozenset({"photo-4"})))
    left = b"".join(path.read_bytes() for path in folder.iterdir())
    assert SECRET[:64] not in left
    assert f"{4:064x}".encode() not in left
    assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".ix.tmp")] == []


def test_a_removal_that_is_stopped_leaves_the_index_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*given: object) -> None:
        raise KeyboardInterrupt

    choice = RemovalChoice(ids=frozenset({"photo-4"}))
    with monkeypatch.context() as patch:
        patch.setattr(learn_index, "save_shards", stop)
        with pytest.raises(KeyboardInterrupt):
            remove_from_index(folder, choice)
    assert len(ids_of(folder)) == COUNT
    assert remove_from_index(folder, choice).removed == 1


def test_an_unknown_id_removes_nothing(folder: Path) -> None:
    with pytest.raises(InputError, match="holds no photo photo-99"):
        remove_from_index(folder, RemovalChoice(ids=frozenset({"photo-4", "photo-99"})))
    assert len(ids_of(folder)) == COUNT


def test_no_match_writes_nothing_and_an_empty_index_is_refused(folder: Path) -> None:
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert remove_from_index(folder, RemovalChoice(licenses=frozenset({"none"}))).removed == 0
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    with pytest.raises(InputError, match="no photo would be left"):
        remove_from_index(folder, RemovalChoice(sources=("https://*",)))


def test_a_folder_that_is_no_index_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ReferenceIndexError):
        remove_from_index(tmp_path / "nothing", RemovalChoice(ids=frozenset({"a"})))
    assert list(tmp_path.iterdir()) == []
