"""The retriever: a checked index folder, searched for photos that look alike."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.protocols import GeocellScore, VisualEncoder, place_encoder_of
from geoagent_graph.retrieval.cell_classifier import CellClassifier, read_classifier
from geoagent_graph.retrieval.checked_files import CheckedFiles
from geoagent_graph.retrieval.index_format import (
    CLASSIFIER_NAME,
    KEYPOINTS_NAME,
    MANIFEST_NAME,
    PLACE_VECTORS_NAME,
    REBUILD,
    IndexManifest,
    check_file,
    read_manifest,
)
from geoagent_graph.retrieval.open_shard import (
    name_errors,
    open_part,
    open_shards,
    read_shard_manifest,
)
from geoagent_graph.retrieval.place_vectors import PlaceVectors, read_place_vectors
from geoagent_graph.retrieval.query_and_hit import check_query, reference_of
from geoagent_graph.retrieval.same_place import MAX_CHECKED, SamePlaceCheck
from geoagent_graph.retrieval.shards import Shards, keypoints_of
from geoagent_graph.types import Reference

_ATTEMPTS = 10


class FaissRetriever:
    """Finds the most similar reference photos of an index; safe to share between threads."""

    def __init__(
        self,
        manifest: IndexManifest,
        table: Shards,
        encoder: VisualEncoder | None = None,
        classifier: CellClassifier | None = None,
    ) -> None:
        self.manifest = manifest
        self.table = table
        self.classifier = classifier
        self.keypoints = keypoints_of(table)
        self._same_place = None if self.keypoints is None else SamePlaceCheck(self.keypoints)
        self._encoder = encoder
        self._last: dict[str, tuple[bytes, NDArray[np.float32]]] = {}

    @classmethod
    def load(cls, folder: Path, encoder: VisualEncoder | None) -> "FaissRetriever":
        """Return the retriever of an index folder, every byte of it checked first.

        `encoder` turns the photos that are asked about into vectors: the one that made the index.
        None is for looking at an index without searching it for photos.

        Raises:
            ReferenceIndexError: missing, damaged, newer, or made by another encoder.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            with _watch_folder(folder) as replaced:
                try:
                    return cls._load_checked(folder, encoder)
                except ReferenceIndexError:
                    # A writer may have replaced the folder between two of our reads.
                    if attempt == _ATTEMPTS or not replaced():
                        raise
        raise AssertionError("unreachable")

    @classmethod
    def _load_checked(cls, folder: Path, encoder: VisualEncoder | None) -> "FaissRetriever":
        manifest = read_own_manifest(folder, encoder)
        checked = CheckedFiles(folder)
        shards = Shards(open_shards(folder, manifest, checked=checked))
        with name_errors(folder, MANIFEST_NAME):
            shards.check_ids()
        classifier = None
        if manifest.files.classifier is not None:
            with open_part(folder, CLASSIFIER_NAME) as file:
                check_file(file, manifest.files.classifier, folder, CLASSIFIER_NAME)
                with name_errors(folder, CLASSIFIER_NAME):
                    size_bytes = manifest.files.classifier.size_bytes
                    classifier = read_classifier(file, size_bytes, manifest.classified_dimension)
        checked.save()
        return cls(manifest, shards, encoder, classifier)

    def country_counts(self) -> dict[str, int]:
        """Return how many references each country has; the key is empty where none is known."""
        return self.table.country_counts()

    def identity(self) -> Mapping[str, JsonValue]:
        """Return the encoder that made the index, and the digest of the index."""
        text = self.manifest.model_dump_json(exclude_none=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return {"encoder": self.manifest.encoder_id, "index_sha256": digest}

    def search(
        self,
        pixels: NDArray[np.uint8],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k references most similar to an RGB photo, shape [height, width, 3].

        Where the index keeps keypoints, the best `MAX_CHECKED` say how many points match, and those
        with most of them come first.

        Raises:
            InputError: k is out of range, or the index was loaded without an encoder.
            ToolError: the encoder failed.
        """
        found = self._search(self._embed(pixels, self._encoder), k, country_codes)
        if self._same_place is None:
            return [self._reference_at(row, score) for row, score in found]
        points = self._same_place.count(pixels, [row for row, _ in found[:MAX_CHECKED]])
        references = [self._reference_at(row, score, points.get(row)) for row, score in found]
        return sorted(references, key=lambda reference: -(reference.matching_points or 0))

    @property
    def classifier_id(self) -> str:
        """Name of the weights of `classify`: the encoder and the digest of the classifier."""
        record = self.manifest.files.classifier
        encoder = self.manifest.place_encoder or self.manifest
        return f"{encoder.encoder_id}/{record.sha256[:12] if record else 'none'}"

    def classify(self, pixels: NDArray[np.uint8]) -> list[GeocellScore]:
        """Return what the index learnt of an RGB photo, shape [height, width, 3], by geocell.

        Empty where the index has learnt no places. A photo that is less like those of the index
        than they are like one another says less.

        Raises:
            InputError: the index was loaded without an encoder.
            ToolError: the encoder failed.
        """
        if self.classifier is None:
            return []
        encoder = self._encoder
        if self.manifest.place_encoder is not None:
            encoder = place_encoder_of(encoder)
        return self.classifier.scores(self._embed(pixels, encoder), self._likeness_share(pixels))

    def _likeness_share(self, pixels: NDArray[np.uint8]) -> float:
        """Return how far a photo is of the kind of those of the index, 0 to 1."""
        likeness = self.classifier.likeness if self.classifier is not None else None
        if likeness is None:
            return 1.0
        hits = self._search(self._embed(pixels, self._encoder), likeness.hits, None)
        return likeness.share_of(np.array([score for _, score in hits], np.float32))

    def _embed(
        self, pixels: NDArray[np.uint8], encoder: VisualEncoder | None
    ) -> NDArray[np.float32]:
        if encoder is None:
            raise InputError(
                "this index was loaded without an encoder: load it with the one that made it, "
                f"{self.manifest.encoder_id}"
            )
        digest = hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).digest()
        last = self._last.get(encoder.encoder_id)  # a photo is asked about once a level
        if last is not None and last[0] == digest:
            return last[1]
        embedding: NDArray[np.float32] = encoder.encode([pixels])[0]
        self._last[encoder.encoder_id] = (digest, embedding)
        return embedding

    def search_embedding(
        self,
        embedding: NDArray[np.float32],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k references most similar to a vector, best first, inside the countries.

        `embedding` has shape [dimension] and need not be a unit vector; `score` is the cosine.
        Fewer than k come back where the countries hold fewer. With `country_codes` the result is
        exact; over a whole index of 500,000 photos or more it is approximate.

        Raises:
            InputError: k is out of range, or the embedding has another length, is zero or not
                finite.
        """
        found = self._search(embedding, k, country_codes)
        return [self._reference_at(row, score) for row, score in found]

    def _search(
        self,
        embedding: NDArray[np.float32],
        k: int,
        country_codes: frozenset[str] | None,
    ) -> list[tuple[int, float]]:
        """Return the rows of the references and their similarities, best first."""
        query = check_query(embedding, k, self.manifest.dimension, self.manifest.encoder_id)
        return self.table.search(query, k, country_codes)

    def _reference_at(self, position: int, score: float, points: int | None = None) -> Reference:
        return reference_of(self.table.row(position), score, points)


def read_own_manifest(folder: Path, encoder: VisualEncoder | None) -> IndexManifest:
    """Return the manifest of an index that this encoder has made; None takes that of any.

    Raises:
        ReferenceIndexError: missing, damaged, newer, or made by another encoder.
    """
    manifest = read_manifest(folder)
    if encoder is not None:
        _check_encoder(manifest.encoder_id, encoder, folder)
        if manifest.place_encoder is not None:
            _check_encoder(manifest.place_encoder.encoder_id, place_encoder_of(encoder), folder)
    return manifest


def load_place_vectors(folder: Path, manifest: IndexManifest) -> PlaceVectors | None:
    """Return what the index learns places from, every byte checked; None where there is none.

    Raises:
        ReferenceIndexError: missing or damaged.
    """
    record, encoder = manifest.files.place_vectors, manifest.place_encoder
    if record is None or encoder is None:
        return None
    with open_part(folder, PLACE_VECTORS_NAME) as file:
        check_file(file, record, folder, PLACE_VECTORS_NAME)
        with name_errors(folder, PLACE_VECTORS_NAME):
            return read_place_vectors(
                file, record.size_bytes, encoder.encoder_id, encoder.dimension, manifest.count
            )


def check_keypoints(folder: Path, manifest: IndexManifest) -> None:
    """Check every byte of the keypoints of an index, where it keeps some.

    Raises:
        ReferenceIndexError: missing or damaged.
    """
    record = manifest.files.keypoints
    if record is not None:
        with open_part(folder, KEYPOINTS_NAME) as file:
            check_file(file, record, folder, KEYPOINTS_NAME)
    for shard in manifest.shards or ():
        check_keypoints(
            folder / shard.name, read_shard_manifest(folder, manifest, shard.name, shard.manifest)
        )


def _check_encoder(made_by: str, encoder: VisualEncoder | None, folder: Path) -> None:
    encoder_id = "none" if encoder is None else encoder.encoder_id
    if made_by != encoder_id:
        raise ReferenceIndexError(
            f"{folder}: made by the encoder {made_by}, but {encoder_id} is in use; "
            f"use that encoder or {REBUILD}."
        )


@contextmanager
def _watch_folder(folder: Path) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether another folder has taken this one's place since."""
    try:
        handle = os.open(folder, os.O_RDONLY)  # held open, its number is not given to another
    except OSError:  # missing, or Windows, which does not replace a folder that is being read
        yield lambda: False
        return
    try:
        yield lambda: _is_elsewhere(folder, os.fstat(handle))
    finally:
        os.close(handle)


def _is_elsewhere(folder: Path, before: os.stat_result) -> bool:
    try:
        return not os.path.samestat(folder.stat(), before)
    except OSError:
        return False
