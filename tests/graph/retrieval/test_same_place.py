"""An index that keeps keypoints says where a hit shows the same place, and grows with them."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geoagent_graph.errors import ReferenceIndexError, ToolError
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever, check_keypoints
from geoagent_graph.retrieval.index_build import IndexJob, add_to_index, build_index
from geoagent_graph.retrieval.keypoints import RECORD_BYTES
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.testing import MeanColourEncoder
from tests.graph.retrieval.test_keypoints import pixels, street


def decode(data: bytes, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    del name
    return pixels(Image.open(io.BytesIO(data)))


def job(keypoints: bool = True) -> IndexJob:
    embedder = PhotoEmbedder(MeanColourEncoder(), decode, 1_000_000)
    return IndexJob(
        embedder,
        lambda lat, lon: "PT" if lat > 0 else "AO",
        lambda done, total: None,
        keypoints=keypoints,
    )


def write_photos(folder: Path, numbers: range) -> Path:
    lines = []
    for number in numbers:
        street(number).save(folder / f"{number}.png")
        lat = float(number if number % 2 else -number)
        lines.append(
            json.dumps({"id": f"r{number}", "file": f"{number}.png", "lat": lat, "lon": 1})
        )
    path = folder / f"{numbers.start}.jsonl"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    build_index(write_photos(folder, range(1, 6)), folder / "index", job())
    add_to_index(folder / "index", write_photos(folder, range(6, 9)), job(keypoints=False))
    return folder / "index"


@pytest.fixture
def index(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "index")


@pytest.mark.parametrize("number", [1, 4, 6, 7])
def test_a_view_of_a_reference_has_its_points(built: Path, number: int) -> None:
    retriever = FaissRetriever.load(built, MeanColourEncoder())
    assert (retriever.manifest.format_version, retriever.manifest.count) == (3, 8)
    view = pixels(street(number).rotate(5, fillcolor="white").resize((300, 225)))
    first, *others = retriever.search(view, 8)
    assert first.id == f"r{number}"
    assert first.matching_points is not None
    assert first.matching_points > 20
    assert all((other.matching_points or 0) < 8 for other in others)


def test_without_keypoints_nothing_is_said(tmp_path: Path) -> None:
    build_index(write_photos(tmp_path, range(1, 4)), tmp_path / "index", job(keypoints=False))
    retriever = FaissRetriever.load(tmp_path / "index", MeanColourEncoder())
    assert retriever.search(pixels(street(1)), 1)[0].matching_points is None
    assert not (tmp_path / "index" / "keypoints.bin").exists()


def test_a_record_that_was_changed_is_not_used(index: Path) -> None:
    path = index / "keypoints.bin"
    data = bytearray(path.read_bytes())
    for row in range(8):
        data[row * RECORD_BYTES + 5] ^= 1
    path.write_bytes(data)
    retriever = FaissRetriever.load(index, MeanColourEncoder())
    with pytest.raises(ToolError, match="damaged or replaced"):
        retriever.search(pixels(street(1)), 1)
    with pytest.raises(ReferenceIndexError, match=r"keypoints\.bin is damaged"):
        check_keypoints(index, retriever.manifest)
    path.unlink()
    with pytest.raises(ToolError, match="cannot be read"):
        retriever.search(pixels(street(2)), 1)


def test_changed_digests_are_refused(index: Path) -> None:
    path = index / "keypoints.sha256"
    path.write_bytes(bytes(len(path.read_bytes())))
    with pytest.raises(ReferenceIndexError, match=r"keypoints\.sha256 is damaged"):
        FaissRetriever.load(index, None)


def test_a_file_of_another_length_is_refused(index: Path) -> None:
    path = index / "manifest.json"
    fields = json.loads(path.read_text())
    fields["files"]["keypoints.bin"]["size_bytes"] -= 1
    path.write_text(json.dumps(fields))
    with pytest.raises(ReferenceIndexError, match="does not hold 8 records"):
        FaissRetriever.load(index, None)
