"""The photos of an index that were taken in some countries, as an index of their own."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.assemble_index import Selection, assemble
from geoagent_graph.retrieval.faiss_retriever import load_place_vectors
from geoagent_graph.retrieval.index_folder import lock_index, lock_source
from geoagent_graph.retrieval.index_format import IndexManifest, read_manifest
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import Shard, check_files, open_shards


@dataclass(frozen=True, slots=True)
class SliceReport:
    """The manifest of the new index, and a line about what it has learnt of places."""

    manifest: IndexManifest
    learnt: str


def slice_index(
    source: Path,
    country_codes: frozenset[str],
    target: Path,
    on_stage: Callable[[str], object] = str,
) -> SliceReport:
    """Write the photos of some countries (ISO 3166-1 alpha-2) as an index at `target`.

    Raises:
        InputError: the index has no photo there, or the target is the source.
        ReferenceIndexError: the source is no usable index, or another process writes one.
        StorageError: disk full, read-only folder, ...
    """
    source, target = source.resolve(), target.resolve()
    if source == target:
        raise InputError(f"{target}: name another folder for the slice.")
    read_manifest(source)  # refuse before a lock file is made beside nothing
    locks = {source: lock_source, target: lock_index}
    with ExitStack() as held:
        for folder in sorted(locks):
            held.enter_context(locks[folder](folder))
        manifest = read_manifest(source)
        shards = open_shards(source, manifest, with_vectors=False)
        selections = [Selection(shard, _rows_in(shard, country_codes)) for shard in shards]
        if not any(selection.count for selection in selections):
            raise InputError(f"{source}: holds no photo from {', '.join(sorted(country_codes))}.")
        for selection in selections:
            if selection.count:
                check_files(selection.shard)
        assembly = assemble(selections)
        places = assembly.move_places(load_place_vectors(source, manifest))
        return SliceReport(*learn_and_save(target, assembly, places, on_stage))


def _rows_in(shard: Shard, country_codes: frozenset[str]) -> NDArray[np.bool_]:
    kept = np.zeros(len(shard), np.bool_)
    for start, stop in shard.countries.inside(country_codes):
        kept[start:stop] = True
    return kept
