"""Photos to vectors, in two worker threads: one decodes while the other encodes."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images.source import read_file
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.keypoints import find_keypoints, keypoint_bytes
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem

_WORKERS = 2
_CHUNK_PHOTOS = 8
_MAX_WAITING_CHUNKS = 4  # enough to keep both workers busy, few enough to stop soon


@dataclass(frozen=True, slots=True)
class PhotoEmbedder:
    """How a file becomes a vector: read at most `max_bytes`, decode(data, name), encode."""

    encoder: VisualEncoder
    decode: Callable[[bytes, str], NDArray[np.uint8]]
    max_bytes: int


class PhotoTask(Protocol):
    """Something that is made of photos and kept in a log by the sha256 of their files."""

    @property
    def log(self) -> EmbeddingLog:
        """Where it is kept."""
        ...

    def wants(self, row: ManifestRow) -> bool:
        """Return whether it is made of the photo of a row."""
        ...

    def make(self, photos: list[NDArray[np.uint8]]) -> list[NDArray[Any] | None]:
        """Return what becomes of RGB photos [height, width, 3]; None of one that is no use.

        Raises:
            ToolError: the encoder failed or returned another shape than it promises.
        """
        ...


@dataclass(frozen=True, slots=True)
class VectorTask:
    """Unit vectors of an encoder, of all photos or of those on `lines` of the manifest."""

    encoder: VisualEncoder
    log: EmbeddingLog
    lines: frozenset[int] | None = None

    def wants(self, row: ManifestRow) -> bool:
        """Return whether the photo of a row gets a vector."""
        return self.lines is None or row.line in self.lines

    def make(self, photos: list[NDArray[np.uint8]]) -> list[NDArray[Any] | None]:
        """Return the unit vectors of photos; None where there is none.

        Raises:
            ToolError: the encoder failed or returned another shape than it promises.
        """
        return [_unit_vector(vector) for vector in _encode_pixels(self.encoder, photos)]


@dataclass(frozen=True, slots=True)
class KeypointTask:
    """The keypoints of all photos, as records."""

    log: EmbeddingLog

    def wants(self, row: ManifestRow) -> bool:
        """Return True."""
        del row
        return True

    def make(self, photos: list[NDArray[np.uint8]]) -> list[NDArray[Any] | None]:
        """Return the records as bytes in an array each."""
        records = [keypoint_bytes(find_keypoints(photo)) for photo in photos]
        return [np.frombuffer(record, np.uint8) for record in records]


@dataclass(frozen=True, slots=True)
class EmbeddedPhoto:
    """A photo of which all that is wanted is in the logs; `resumed` says that it already was."""

    row: ManifestRow
    sha256: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A photo, and what each task made of it; None what the log has or nobody wants."""

    row: ManifestRow
    sha256: str
    made: list[NDArray[Any] | None]


def embed_photos(
    rows: Sequence[ManifestRow],
    embedder: PhotoEmbedder,
    log: EmbeddingLog,
    others: Sequence[PhotoTask] = (),
) -> Iterator[EmbeddedPhoto | RowProblem]:
    """Yield one result per row, in order, once its vector and all else are in their logs.

    Photos whose content all logs know are not decoded again. `others` are done beside the vectors
    of the embedder's own encoder, which go to `log`.

    Raises:
        ToolError: an encoder failed or returned another shape than it promises.
        OSError: a log cannot be written.
    """
    tasks = (VectorTask(embedder.encoder, log), *others)
    remaining = iter(rows)
    running: deque[Future[list[_Encoded | RowProblem]]] = deque()
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="embed")
    try:
        while True:
            while len(running) < _MAX_WAITING_CHUNKS and (
                chunk := list(islice(remaining, _CHUNK_PHOTOS))
            ):
                running.append(pool.submit(_encode_chunk, chunk, embedder, tasks))
            if not running:
                return
            yield from _log_results(running.popleft().result(), tasks)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _log_results(
    results: list[_Encoded | RowProblem], tasks: Sequence[PhotoTask]
) -> Iterator[EmbeddedPhoto | RowProblem]:
    encoded = [result for result in results if isinstance(result, _Encoded)]
    for number, task in enumerate(tasks):
        made = [(photo.sha256, photo.made[number]) for photo in encoded]
        task.log.append([(sha256, vector) for sha256, vector in made if vector is not None])
    for result in results:
        if isinstance(result, RowProblem):
            yield result
        else:
            resumed = all(vector is None for vector in result.made)
            yield EmbeddedPhoto(result.row, result.sha256, resumed)


def _encode_chunk(
    rows: list[ManifestRow], embedder: PhotoEmbedder, tasks: Sequence[PhotoTask]
) -> list[_Encoded | RowProblem]:
    results: list[_Encoded | RowProblem] = []
    pixels: dict[int, NDArray[np.uint8]] = {}
    for place, row in enumerate(rows):
        try:
            data = read_file(row.path, embedder.max_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            if any(_is_missing(task, row, sha256) for task in tasks):
                pixels[place] = embedder.decode(data, str(row.path))
        except PhotoError as error:
            results.append(RowProblem(str(row.path), row.line, _without_name(error, row)))
        else:
            results.append(_Encoded(row, sha256, [None] * len(tasks)))
    for number, task in enumerate(tasks):
        _run_task(number, task, results, pixels)
    return results


def _run_task(
    number: int,
    task: PhotoTask,
    results: list[_Encoded | RowProblem],
    pixels: dict[int, NDArray[np.uint8]],
) -> None:
    """Put what a task makes of photos into their results, or why one is no use."""
    wanted = [
        (place, result)
        for place, result in enumerate(results)
        if isinstance(result, _Encoded) and _is_missing(task, result.row, result.sha256)
    ]
    made = task.make([pixels[place] for place, _ in wanted])
    for (place, result), vector in zip(wanted, made, strict=True):
        if vector is None:
            row = result.row
            why = "the encoder returned no usable vector"
            results[place] = RowProblem(str(row.path), row.line, why)
        else:
            result.made[number] = vector


def _is_missing(task: PhotoTask, row: ManifestRow, sha256: str) -> bool:
    return task.wants(row) and sha256 not in task.log


def _encode_pixels(encoder: VisualEncoder, photos: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    wanted = (len(photos), encoder.dimension)
    if not photos:
        return np.empty(wanted, np.float32)
    vectors = np.asarray(encoder.encode(photos), dtype=np.float32)
    if vectors.shape != wanted:
        raise ToolError(
            f"The encoder {encoder.encoder_id} returned {list(vectors.shape)} instead of "
            f"{list(wanted)} numbers; reinstall the package it comes from."
        )
    return vectors


def _unit_vector(vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(norm) or norm == 0.0:
        return None
    return (vector / np.float32(norm)).astype(np.float32)


def _without_name(error: PhotoError, row: ManifestRow) -> str:
    """Return the message without the path in front of it: the problem carries that itself."""
    return str(error).removeprefix(f"{row.path}: ")
