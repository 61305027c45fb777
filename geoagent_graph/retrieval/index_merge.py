"""Several indexes become one: what is large is linked as it is, the same photo comes in once."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.assemble_index import Assembly, Selection, assemble
from geoagent_graph.retrieval.faiss_retriever import load_place_vectors
from geoagent_graph.retrieval.index_folder import lock_index, lock_source
from geoagent_graph.retrieval.index_format import IndexManifest, read_manifest
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import Shard, check_files, open_shards
from geoagent_graph.retrieval.place_vectors import PlaceVectors, join_vectors


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What came of a merge; `manifest` is that of the new index.

    Photos that an earlier index has (by their sha256) came in once: `same_photo` of them. `same_id`
    are ids under which an earlier index has another photo; those of the later ones were left out.
    """

    manifest: IndexManifest
    same_photo: int
    same_id: list[str]
    learnt: str


def merge_indexes(
    sources: Sequence[Path], target: Path, on_stage: Callable[[str], object] = str
) -> MergeReport:
    """Write an index of all photos of others, in the place of an index at `target`.

    The target may be one of the sources. Whatever stops this, all are what they were.

    Raises:
        InputError: fewer than two sources, or of different encoders.
        ReferenceIndexError: a source is no usable index, or another process writes one.
        StorageError: disk full, read-only folder, ...
    """
    folders = [source.resolve() for source in sources]
    if len(set(folders)) < 2 or len(set(folders)) < len(folders):
        raise InputError("name two or more indexes to merge, each once.")
    for folder in folders:
        read_manifest(folder)  # refuse before a lock file is made beside nothing
    target = target.resolve()
    with ExitStack() as locks:
        for folder in sorted({*folders, target}):
            lock = lock_index if folder == target else lock_source
            locks.enter_context(lock(folder))
        manifests = [read_manifest(folder) for folder in folders]
        _check_alike(folders, manifests)
        shards = [
            shard
            for folder, manifest in zip(folders, manifests, strict=True)
            for shard in open_shards(folder, manifest, with_vectors=False)
        ]
        for shard in shards:
            check_files(shard)
        kept, same_photo, same_id = _keep_first(shards)
        assembly = assemble([Selection(*pair) for pair in zip(shards, kept, strict=True)])
        places = _join_places(folders, manifests, assembly)
        written, learnt = learn_and_save(target, assembly, places, on_stage)
    return MergeReport(written, same_photo, same_id, learnt)


def _check_alike(folders: Sequence[Path], manifests: Sequence[IndexManifest]) -> None:
    first = manifests[0]
    for folder, manifest in zip(folders, manifests, strict=True):
        if (manifest.encoder_id, manifest.dimension) != (first.encoder_id, first.dimension):
            raise InputError(
                f"{folder}: made by the encoder {manifest.encoder_id}, but {folders[0]} by "
                f"{first.encoder_id}; only indexes of one encoder can be merged."
            )
        if manifest.place_encoder != first.place_encoder:
            raise InputError(
                f"{folder}: keeps other vectors of places than {folders[0]}; build both with the "
                "same encoder and extras."
            )


def _keep_first(
    shards: Sequence[Shard],
) -> tuple[list[NDArray[np.bool_]], int, list[str]]:
    """Return which photos of each shard stay, and what was left out."""
    ids: set[str] = set()
    digests: set[str] = set()
    kept, same_photo, same_id = [], 0, []
    for shard in shards:
        stays = np.ones(len(shard), np.bool_)
        pairs = zip(shard.table.ids(), shard.table.digests(), strict=True)
        for row, (name, digest) in enumerate(pairs):
            if digest in digests:
                same_photo += 1
            elif name in ids:
                same_id.append(name)
            else:
                ids.add(name)
                digests.add(digest)
                continue
            stays[row] = False
        kept.append(stays)
    return kept, same_photo, same_id


def _join_places(
    folders: Sequence[Path], manifests: Sequence[IndexManifest], assembly: Assembly
) -> PlaceVectors | None:
    found, start = [], 0
    for folder, manifest in zip(folders, manifests, strict=True):
        places = load_place_vectors(folder, manifest)
        if places is not None:
            shifted = PlaceVectors(places.encoder_id, places.rows + start, places.vectors)
            moved = assembly.move_places(shifted)
            found += [] if moved is None else [moved]
        start += manifest.count
    return reduce(join_vectors, found) if found else None
