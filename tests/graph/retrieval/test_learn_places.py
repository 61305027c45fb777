"""What an index learns of places when it is built, and what it says of it."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.installation import extra_command
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever, load_place_vectors
from geoagent_graph.retrieval.index_build import IndexJob, add_to_index, build_index
from geoagent_graph.retrieval.learn_places import learn_places, locate_photos, measure_likeness
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.testing import MeanColourEncoder

pytest.importorskip("sklearn", reason="the extra `learn` is not installed")


def row(number: int, lat_deg: float, lon_deg: float, cluster: str = "") -> ReferenceRow:
    return ReferenceRow(f"r{number}", lat_deg, lon_deg, "PT", "", "", "", f"{number:064x}", cluster)


def test_photos_of_a_cluster_or_near_one_another_are_one_place() -> None:
    rows = [
        row(0, 40.0, -8.0),
        row(1, 40.008, -8.0),  # 0.9 km on
        row(2, 40.016, -8.0),  # near the second alone
        row(3, 41.0, -8.0, "same"),
        row(4, 42.0, -8.0, "same"),
        row(5, 43.0, -8.0),
    ]
    place = locate_photos(rows).place.tolist()
    assert place[0] == place[1] == place[2]
    assert place[3] == place[4]
    assert len(set(place)) == 3


def decode(data: bytes, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    del name
    return np.asarray(Image.open(io.BytesIO(data)))


class BandsEncoder:
    """The mean colours of a photo's halves, to learn places from."""

    encoder_id = "bands/1"
    dimension = 6

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        halves = [photo.reshape(2, -1, 3).mean(axis=1).ravel() + 1.0 for photo in photos]
        vectors = np.array(halves, np.float32).reshape(-1, 6)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


class EncoderWithPlaces(MeanColourEncoder):
    @property
    def place_encoder(self) -> VisualEncoder:
        return BandsEncoder()


def job(encoder: VisualEncoder | None = None) -> IndexJob:
    embedder = PhotoEmbedder(encoder or MeanColourEncoder(), decode, 100_000)
    return IndexJob(embedder, lambda lat, lon: "PT" if lat > 0 else "ZA", lambda done, total: None)


def write_photos(folder: Path, numbers: range) -> Path:
    """Return the manifest of photos that are reddish in the north and bluish in the south."""
    draw = np.random.default_rng(len(numbers))
    lines = []
    for number in numbers:
        north = number % 2 == 0
        colour = draw.integers(40, 160, 3)
        colour[0 if north else 2] += 60
        pixels = np.full((4, 4, 3), colour, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lat = 40.0 if north else -30.0
        place = {"lat": lat + number / 40, "lon": 20.0, "file": f"{number}.png"}
        lines.append(json.dumps(place))
    path = folder / f"{numbers.start}.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    target = folder / "index"
    report = build_index(write_photos(folder, range(140)), target, job())
    assert "learnt places: 2 cells, held out by place: +0." in report.learnt
    return target


def test_an_index_classifies_by_what_it_has_learnt(index: Path) -> None:
    retriever = FaissRetriever.load(index, MeanColourEncoder())
    assert retriever.manifest.format_version == 2
    red = np.full((4, 4, 3), (200, 80, 80), np.uint8)
    scores = {score.cell.country_code: score.log_likelihood for score in retriever.classify(red)}
    assert scores["PT"] > 0.0 > scores["ZA"]
    assert retriever.classifier_id.startswith("mean-colour/1/")


def test_likeness_is_that_of_photos_to_those_of_other_places() -> None:
    embeddings = np.eye(4, dtype=np.float32)[[0, 0, 1, 1]]
    embeddings[3] = (0.6, 0.8, 0.0, 0.0)
    found = measure_likeness(embeddings, np.array([0, 0, 1, 1]))
    assert found.hits == 1
    assert found.low == pytest.approx(0.09)  # the nearest are at 0.6, 0.6, 0.0 and 0.6
    assert found.usual == pytest.approx(0.45)


def test_an_index_that_grows_learns_anew(index: Path, tmp_path: Path) -> None:
    before = FaissRetriever.load(index, None).classifier
    report = add_to_index(index, write_photos(tmp_path, range(200, 230)), job())
    after = FaissRetriever.load(index, None).classifier
    assert "170 places" in report.learnt
    assert before is not None
    assert after is not None
    assert after.skill.places == 170


def test_a_changed_classifier_is_refused(index: Path) -> None:
    path = index / "classifier.npz"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    try:
        with pytest.raises(ReferenceIndexError, match=r"classifier\.npz is damaged"):
            FaissRetriever.load(index, None)
    finally:
        path.write_bytes(data)


def test_places_are_learnt_from_vectors_of_their_own(tmp_path: Path) -> None:
    target = tmp_path / "index"
    build_index(write_photos(tmp_path, range(140)), target, job(EncoderWithPlaces()))
    report = add_to_index(target, write_photos(tmp_path, range(200, 230)), job(EncoderWithPlaces()))
    assert "170 places" in report.learnt
    retriever = FaissRetriever.load(target, EncoderWithPlaces())
    assert (retriever.manifest.format_version, len(retriever.table.shards)) == (5, 2)
    assert retriever.classifier is not None
    assert retriever.classifier.weights.shape == (2, 6)
    assert retriever.classifier_id.startswith("bands/1/")
    red = np.full((4, 4, 3), (200, 80, 80), np.uint8)
    assert retriever.classify(red)[0].log_likelihood > 0.0
    places = load_place_vectors(target, retriever.manifest)
    assert places is not None
    expected = [
        retriever.table.stored_vectors(places.rows[[n]])[0] for n in range(len(places.rows))
    ]
    assert len(expected) == 170
    shown = places.vectors[:, :3].astype(np.float32)  # halves of one colour: as the whole
    shown /= np.linalg.norm(shown, axis=1, keepdims=True)
    np.testing.assert_allclose(shown, expected, atol=2e-3)
    with pytest.raises(ReferenceIndexError, match="made by the encoder bands/1, but none is in"):
        FaissRetriever.load(target, MeanColourEncoder())


def test_a_small_index_is_as_before(tmp_path: Path) -> None:
    report = build_index(write_photos(tmp_path, range(6)), tmp_path / "index", job())
    retriever = FaissRetriever.load(tmp_path / "index", MeanColourEncoder())
    assert "learnt no places" in report.learnt
    assert (retriever.manifest.format_version, retriever.classifier) == (1, None)
    assert retriever.classify(np.zeros((4, 4, 3), np.uint8)) == []
    assert not (tmp_path / "index" / "classifier.npz").exists()


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found, said = learn_places(lambda rows: np.zeros((1, 3), np.float32), [row(0, 1.0, 1.0)], str)
    assert found is None
    assert extra_command("learn") in said
