"""Photos leave an index: by id, licence or source, for takedowns and licences that end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.assemble_index import Selection, assemble
from geoagent_graph.retrieval.faiss_retriever import load_place_vectors
from geoagent_graph.retrieval.index_folder import lock_index
from geoagent_graph.retrieval.index_format import IndexManifest, read_manifest
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import open_shards
from geoagent_graph.retrieval.reference_table import ReferenceTable


@dataclass(frozen=True, slots=True)
class RemovalChoice:
    """Which photos go: those of any of these ids, licences and sources, spelt as the index has.

    A source that ends with "*" is the beginning of addresses.
    """

    ids: frozenset[str] = frozenset()
    licenses: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()

    def mask_of(self, table: ReferenceTable) -> NDArray[np.bool_]:
        """Return which rows of a table go, shape [rows]."""
        columns = (table.ids(), table.column("license"), table.column("source_url"))
        return np.array([self._takes(*texts) for texts in zip(*columns, strict=True)], np.bool_)

    def _takes(self, name: str, license_text: str, address: str) -> bool:
        return (
            name in self.ids
            or license_text in self.licenses
            or any(_is_from(address, source) for source in self.sources)
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
        manifest = read_manifest(target)
        shards = open_shards(target, manifest, with_vectors=False)
        missing = sorted(choice.ids.difference(*(shard.table.ids() for shard in shards)))
        if missing:
            raise InputError(f"{target}: holds no photo {missing[0]}; nothing was removed.")
        selections = [Selection(shard, ~choice.mask_of(shard.table)) for shard in shards]
        left = sum(selection.count for selection in selections)
        if left == manifest.count:
            return RemovalReport(0, manifest)
        if not left:
            raise InputError(f"{target}: no photo would be left; delete the folder instead.")
        assembly = assemble(selections)
        places = assembly.move_places(load_place_vectors(target, manifest))
        written, learnt = learn_and_save(target, assembly, places, on_stage)
    return RemovalReport(manifest.count - left, written, learnt)


def _is_from(address: str, source: str) -> bool:
    if source.endswith("*"):
        return address.startswith(source[:-1])
    return address == source
