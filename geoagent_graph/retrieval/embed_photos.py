"""Photos to vectors, kept in logs as they are made; two threads do it where no engine is named."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from geoagent_graph.retrieval.make_of_photos import (
    CHUNK_PHOTOS,
    MadePhoto,
    PhotoEmbedder,
    PhotoFile,
    PhotoStep,
    make_of_photos,
)
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem
from geoagent_graph.retrieval.photo_tasks import PhotoTask

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORKERS = 2
_MAX_WAITING_CHUNKS = 4  # enough to keep both workers busy, few enough to stop soon

EmbeddingEngine = Callable[
    [Iterator[list[PhotoFile]], Sequence[PhotoTask]], Iterator[list[MadePhoto]]
]
"""Makes of chunks of photos what tasks are about, in any order; the tasks' logs stay unwritten."""


@dataclass(frozen=True, slots=True)
class EmbeddedPhoto:
    """A photo of which all that is wanted is in the logs; `resumed` says that it already was."""

    row: ManifestRow
    sha256: str
    resumed: bool


def embed_photos(
    rows: Sequence[ManifestRow], tasks: Sequence[PhotoTask], engine: EmbeddingEngine
) -> Iterator[EmbeddedPhoto | RowProblem]:
    """Yield one result per row, in order, once all that is wanted of its photo is in the logs.

    Photos whose content all logs know are not decoded again.

    Raises:
        ToolError: an encoder failed or returned another shape than it promises.
        OSError: a log cannot be written.
    """
    early: dict[int, EmbeddedPhoto | RowProblem] = {}
    following = 0
    for chunk in engine(_chunks_of(rows, tasks), tasks):
        _keep_made(chunk, tasks)
        early.update((photo.number, _result_of(rows[photo.number], photo)) for photo in chunk)
        while following in early:
            yield early.pop(following)
            following += 1
    assert following == len(rows), "an engine left photos out"


def embed_here(embedder: PhotoEmbedder) -> EmbeddingEngine:
    """Return the engine of this process: one thread decodes while the other encodes."""

    def run(
        chunks: Iterator[list[PhotoFile]], tasks: Sequence[PhotoTask]
    ) -> Iterator[list[MadePhoto]]:
        steps = [PhotoStep(task.make, task.log) for task in tasks]
        running: deque[Future[list[MadePhoto]]] = deque()
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="embed")
        try:
            while True:
                for chunk in islice(chunks, _MAX_WAITING_CHUNKS - len(running)):
                    running.append(pool.submit(make_of_photos, chunk, embedder, steps))
                if not running:
                    return
                yield running.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return run


def _chunks_of(
    rows: Sequence[ManifestRow], tasks: Sequence[PhotoTask]
) -> Iterator[list[PhotoFile]]:
    files = (
        PhotoFile(number, row.path, tuple(task.wants(row) for task in tasks))
        for number, row in enumerate(rows)
    )
    while chunk := list(islice(files, CHUNK_PHOTOS)):
        yield chunk


def _keep_made(chunk: Iterable[MadePhoto], tasks: Sequence[PhotoTask]) -> None:
    usable = [photo for photo in chunk if not photo.problem]
    for number, task in enumerate(tasks):
        made: list[tuple[str, NDArray[Any]]] = []
        for photo in usable:
            vector = photo.made[number]
            if vector is not None:
                made.append((photo.sha256, vector))
        task.log.append(made)


def _result_of(row: ManifestRow, photo: MadePhoto) -> EmbeddedPhoto | RowProblem:
    if photo.problem:
        return RowProblem(str(row.path), row.line, photo.problem)
    resumed = all(vector is None for vector in photo.made)
    return EmbeddedPhoto(row, photo.sha256, resumed)
