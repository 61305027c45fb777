"""Photos leave an index: by id, licence or source, for takedowns and licences that end."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever, load_place_vectors
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.index_format import IndexManifest, read_manifest
from geoagent_graph.retrieval.learn_places import learn_places
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import grow_index, stored_vectors


@dataclass(frozen=True, slots=True)
class RemovalChoice:
    """Which photos go: those of any of these ids, licences and sources, spelt as the index has.

    A source that ends with "*" is the beginning of addresses.
    """

    ids: frozenset[str] = frozenset()
    licenses: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()

    def takes(self, row: ReferenceRow) -> bool:
        """Say whether a photo goes."""
        return (
            row.id in self.ids
            or row.license in self.licenses
            or any(_is_from(row.source_url, source) for source in self.sources)
        )


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """How many photos went; `manifest` is that of the index as it is now."""

    removed: int
    manifest: IndexManifest
    learnt: str = ""


def remove_from_index(
    target: Path, choice: RemovalChoice, on_stage: Callable[[str], object] = str
) -> RemovalReport:
    """Take photos out of an index in one step, with all that it keeps and has learnt of them.

    Whatever stops this, the old index stays what it was, and the same call does it again. Where
    nothing goes, nothing is written.

    Raises:
        InputError: an id is not in the index, or nothing would be left of it.
        ReferenceIndexError: no usable index at `target`, or another process writes it.
        StorageError: disk full, read-only folder, ...
    """
    target = target.resolve()
    read_manifest(target)  # refuse before a lock file is made beside nothing
    with lock_index(target):
        old = FaissRetriever.load(target, None)
        rows = old.table.rows()
        missing = sorted(choice.ids - {row.id for row in rows})
        if missing:
            raise InputError(f"{target}: holds no photo {missing[0]}; nothing was removed.")
        kept = np.array([not choice.takes(row) for row in rows])
        if kept.all():
            return RemovalReport(0, old.manifest)
        if not kept.any():
            raise InputError(f"{target}: no photo would be left; delete the folder instead.")
        parts = _parts_without(target, old, rows, kept)
        classifier, learnt = learn_places(
            lambda chosen: stored_vectors(parts.index, chosen), parts.rows, on_stage, parts.places
        )
        manifest = save_index(target, replace(parts, classifier=classifier))
    return RemovalReport(int(np.sum(~kept)), manifest, learnt)


def _parts_without(
    target: Path, old: FaissRetriever, rows: list[ReferenceRow], kept: NDArray[np.bool_]
) -> IndexParts:
    """Return what is left of an index; the classifier, which knows of all, is left out."""
    positions = np.where(kept, np.cumsum(kept) - 1, -1)
    nothing = np.empty((0, old.manifest.dimension), np.float32)
    index = grow_index(old.vectors, positions, nothing, np.empty(0, np.int64))
    left = np.flatnonzero(kept).tolist()
    places = load_place_vectors(target, old.manifest)
    if places is not None:
        places = _places_without(places, positions)
    parts = IndexParts(old.manifest.encoder_id, index, [rows[row] for row in left], places=places)
    if old.keypoints is None:
        return parts
    return replace(parts, keypoints=map(old.keypoints.read_record, left))


def _places_without(places: PlaceVectors, positions: NDArray[np.int64]) -> PlaceVectors | None:
    moved = positions[places.rows]
    there = moved >= 0
    if not there.any():
        return None
    return PlaceVectors(places.encoder_id, moved[there], places.vectors[there])


def _is_from(address: str, source: str) -> bool:
    if source.endswith("*"):
        return address.startswith(source[:-1])
    return address == source
