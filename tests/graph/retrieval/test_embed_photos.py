"""Photos to vectors: in order, each once, and every failure where it belongs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.retrieval.embed_photos import EmbeddedPhoto, embed_here, embed_photos
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem
from geoagent_graph.retrieval.photo_tasks import VectorTask


class SumEncoder:
    """Vectors along one axis, chosen by the first pixel; `shape` overrides what comes back."""

    encoder_id = "sum/1"
    dimension = 3

    def __init__(self, scale: float = 2.0, shape: tuple[int, int] | None = None) -> None:
        self.scale = scale
        self.shape = shape
        self.photos = 0

    def encode(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[Any]:
        self.photos += len(photos)
        vectors = np.stack([np.eye(3)[photo.flat[0] % 3] for photo in photos]) * self.scale
        return np.zeros(self.shape) if self.shape else vectors


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    if data == b"damaged":
        raise PhotoError(f"{name}: damaged. Copy it again.")
    return np.frombuffer(data, np.uint8).reshape(1, 1, -1)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EmbeddingLog]:
    log = EmbeddingLog(tmp_path / "log", "sum/1", 3)
    yield log
    log.close()


def rows_of(folder: Path, contents: list[bytes]) -> list[ManifestRow]:
    rows = []
    for number, content in enumerate(contents):
        path = folder / f"{number}.jpg"
        path.write_bytes(content)
        rows.append(ManifestRow(number + 1, path, None, 0.0, 0.0, "", "", "", "", ""))
    return rows


def embed(
    rows: list[ManifestRow], log: EmbeddingLog, encoder: SumEncoder | None = None
) -> list[Any]:
    embedder = PhotoEmbedder(encoder or SumEncoder(), decode, 1000)
    task = VectorTask(embedder.encoder, log)
    return list(embed_photos(rows, [task], embed_here(embedder)))


def test_results_come_in_order_with_unit_vectors_in_the_log(
    tmp_path: Path, log: EmbeddingLog
) -> None:
    rows = rows_of(tmp_path, [bytes([number, number, number]) for number in range(30)])
    results = embed(rows, log)
    assert [result.row for result in results] == rows
    for number, result in enumerate(results):
        assert isinstance(result, EmbeddedPhoto)
        assert not result.resumed
        vector = log.vectors()[log.position(result.sha256)]
        assert vector.tolist() == np.eye(3)[number % 3].tolist()


def test_a_photo_that_the_log_knows_is_not_encoded_again(tmp_path: Path, log: EmbeddingLog) -> None:
    rows = rows_of(tmp_path, [b"abc", b"def"])
    embed(rows[:1], log)
    encoder = SumEncoder()
    results = embed(rows, log, encoder)
    assert [result.resumed for result in results] == [True, False]
    assert encoder.photos == 1


def test_a_bad_photo_is_a_problem_of_its_row_and_the_rest_go_on(
    tmp_path: Path, log: EmbeddingLog
) -> None:
    rows = rows_of(tmp_path, [b"abc", b"damaged", b"def"])
    rows[2].path.unlink()
    first, second, third = embed(rows, log)
    assert isinstance(first, EmbeddedPhoto)
    assert second == RowProblem(str(rows[1].path), 2, "damaged. Copy it again.")
    assert third == RowProblem(str(rows[2].path), 3, "no such file. Check the path.")


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("inf")])
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_a_vector_without_a_direction_is_a_problem(
    tmp_path: Path, log: EmbeddingLog, scale: float
) -> None:
    (problem,) = embed(rows_of(tmp_path, [b"abc"]), log, SumEncoder(scale))
    assert isinstance(problem, RowProblem)
    assert problem.problem == "the encoder returned no usable vector"
    assert len(log) == 0


def test_an_encoder_that_breaks_its_promise_stops_everything(
    tmp_path: Path, log: EmbeddingLog
) -> None:
    with pytest.raises(ToolError, match=r"sum/1 returned \[1, 4\] instead of \[1, 3\]"):
        embed(rows_of(tmp_path, [b"abc"]), log, SumEncoder(shape=(1, 4)))
