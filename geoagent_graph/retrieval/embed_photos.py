"""Photos to vectors, in two worker threads: one decodes while the other encodes."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import PhotoError, ToolError
from geoagent_graph.images.source import read_file
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
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


@dataclass(frozen=True, slots=True)
class EmbeddedPhoto:
    """A photo whose vector is in the log; `resumed` says that it already was."""

    row: ManifestRow
    sha256: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class _Encoded:
    row: ManifestRow
    sha256: str
    vector: NDArray[np.float32] | None  # None: the log has it


def embed_photos(
    rows: Sequence[ManifestRow], embedder: PhotoEmbedder, log: EmbeddingLog
) -> Iterator[EmbeddedPhoto | RowProblem]:
    """Yield one result per row, in order, once its vector is in the log.

    Photos whose content the log knows are not decoded again.

    Raises:
        ToolError: the encoder failed or returned another shape than it promises.
        OSError: the log cannot be written.
    """
    remaining = iter(rows)
    running: deque[Future[list[_Encoded | RowProblem]]] = deque()
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="embed")
    try:
        while True:
            while len(running) < _MAX_WAITING_CHUNKS and (
                chunk := list(islice(remaining, _CHUNK_PHOTOS))
            ):
                running.append(pool.submit(_encode_chunk, chunk, embedder, log))
            if not running:
                return
            yield from _log_results(running.popleft().result(), log)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _log_results(
    results: list[_Encoded | RowProblem], log: EmbeddingLog
) -> Iterator[EmbeddedPhoto | RowProblem]:
    log.append(
        [(r.sha256, r.vector) for r in results if isinstance(r, _Encoded) and r.vector is not None]
    )
    for result in results:
        if isinstance(result, RowProblem):
            yield result
        else:
            yield EmbeddedPhoto(result.row, result.sha256, resumed=result.vector is None)


def _encode_chunk(
    rows: list[ManifestRow], embedder: PhotoEmbedder, log: EmbeddingLog
) -> list[_Encoded | RowProblem]:
    results: list[_Encoded | RowProblem] = []
    decoded: list[tuple[int, str, NDArray[np.uint8]]] = []
    for row in rows:
        try:
            data = read_file(row.path, embedder.max_bytes)
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 not in log:
                decoded.append((len(results), sha256, embedder.decode(data, str(row.path))))
        except PhotoError as error:
            results.append(RowProblem(str(row.path), row.line, _without_name(error, row)))
        else:
            results.append(_Encoded(row, sha256, None))
    vectors = _encode_pixels(embedder.encoder, [pixels for _, _, pixels in decoded])
    for (place, sha256, _), vector in zip(decoded, vectors, strict=True):
        results[place] = _unit_result(rows[place], sha256, vector)
    return results


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


def _unit_result(
    row: ManifestRow, sha256: str, vector: NDArray[np.float32]
) -> _Encoded | RowProblem:
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(norm) or norm == 0.0:
        return RowProblem(str(row.path), row.line, "the encoder returned no usable vector")
    return _Encoded(row, sha256, (vector / np.float32(norm)).astype(np.float32))


def _without_name(error: PhotoError, row: ManifestRow) -> str:
    """Return the message without the path in front of it: the problem carries that itself."""
    return str(error).removeprefix(f"{row.path}: ")
