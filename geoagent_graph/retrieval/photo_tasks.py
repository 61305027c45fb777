"""What is made of photos for an index: vectors and keypoints, each kept in a log."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.keypoints import find_keypoints, keypoint_bytes
from geoagent_graph.retrieval.manifest_rows import ManifestRow


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
        return make_vectors(self.encoder, photos)


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
        return make_keypoints(photos)


def make_vectors(
    encoder: VisualEncoder, photos: list[NDArray[np.uint8]]
) -> list[NDArray[Any] | None]:
    """Return the unit vectors of photos; None where there is none.

    Raises:
        ToolError: the encoder failed or returned another shape than it promises.
    """
    return [_unit_vector(vector) for vector in _encode_pixels(encoder, photos)]


def make_keypoints(photos: list[NDArray[np.uint8]]) -> list[NDArray[Any] | None]:
    """Return the keypoints of photos, the bytes of a record in an array each."""
    records = [keypoint_bytes(find_keypoints(photo)) for photo in photos]
    return [np.frombuffer(record, np.uint8) for record in records]


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
