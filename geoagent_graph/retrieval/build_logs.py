"""The logs of a build: what was made of each photo, kept beside the index until it is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.index_folder import beside, storage_errors
from geoagent_graph.retrieval.keypoints import KEYPOINTS_ID, RECORD_BYTES
from geoagent_graph.retrieval.photo_tasks import KeypointTask, PhotoTask, VectorTask
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.reference_table import ReferenceRow


@dataclass(slots=True)
class BuildLogs:
    """The vectors to search with, and the tasks whose logs hold what else is made of photos."""

    vectors: EmbeddingLog
    places: VectorTask | None = None
    keypoints: KeypointTask | None = None
    tasks: list[PhotoTask] = field(default_factory=list)

    @classmethod
    def open(cls, target: Path, encoder: VisualEncoder) -> Self:
        """Return the logs beside an index, with what an interrupted build left in them.

        Raises:
            StorageError: they cannot be written.
        """
        with storage_errors(target):
            return cls(_log_of(beside(target, "embeddings"), encoder))

    def add_places(
        self, target: Path, encoder: VisualEncoder, lines: frozenset[int] | None
    ) -> None:
        """Keep the vectors of another encoder too, of photos on these lines or, None, of all.

        Raises:
            StorageError: they cannot be written.
        """
        with storage_errors(target):
            log = _log_of(beside(target, "places"), encoder)
        self.places = VectorTask(encoder, log, lines)
        self.tasks.append(self.places)

    def add_keypoints(self, target: Path) -> None:
        """Keep the keypoints of photos too.

        Raises:
            StorageError: they cannot be written.
        """
        with storage_errors(target):
            path = beside(target, "keypoints")
            log = EmbeddingLog(path, KEYPOINTS_ID, RECORD_BYTES, number="u1")
        self.keypoints = KeypointTask(log)
        self.tasks.append(self.keypoints)

    def keypoint_record(self, row: ReferenceRow) -> bytes:
        """Return the record of a photo whose keypoints are kept."""
        assert self.keypoints is not None
        log = self.keypoints.log
        return bytes(log.vectors()[log.position(row.sha256)].tobytes())

    def positions(self, rows: Sequence[ReferenceRow]) -> NDArray[np.int64]:
        """Return where the vectors of photos are in the log."""
        return np.array([self.vectors.position(row.sha256) for row in rows], dtype=np.int64)

    def place_vectors(
        self, rows: Sequence[ReferenceRow], numbers: NDArray[np.int64]
    ) -> PlaceVectors | None:
        """Return the vectors that places are learnt from, as of rows with these numbers.

        None where none are made.
        """
        if self.places is None:
            return None
        task = self.places
        made = [n for n, row in enumerate(rows) if row.sha256 in task.log]
        positions = [task.log.position(rows[n].sha256) for n in made]
        order = np.argsort(numbers[made])
        vectors = task.log.vectors()[np.array(positions, dtype=np.int64)[order]]
        return PlaceVectors(task.encoder.encoder_id, numbers[made][order], vectors)

    def close(self) -> None:
        """Close the files and keep them."""
        for log in self._all():
            log.close()

    def delete(self) -> None:
        """Close and remove the files: what they hold is in an index now."""
        for log in self._all():
            log.delete()

    def _all(self) -> list[EmbeddingLog]:
        return [self.vectors, *(task.log for task in self.tasks)]


def _log_of(path: Path, encoder: VisualEncoder) -> EmbeddingLog:
    return EmbeddingLog(path, encoder.encoder_id, encoder.dimension)
