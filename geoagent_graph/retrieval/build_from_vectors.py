"""An index from a table of embeddings, of the kind that suits so many."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.assemble_index import Assembly, NewPhotos, assemble
from geoagent_graph.retrieval.coded_build import build_shards, read_keys
from geoagent_graph.retrieval.index_folder import lock_index, storage_errors
from geoagent_graph.retrieval.index_format import MAPPED_KINDS, IndexManifest, read_manifest
from geoagent_graph.retrieval.index_plan import DEFAULT_MEMORY_BYTES, IndexPlan, plan_index
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.open_shard import open_shard
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_rows import VectorTable


@dataclass(frozen=True, slots=True)
class VectorReport:
    """What came of a build; `same` rows had the id or the sha256 of an earlier one."""

    plan: IndexPlan
    manifest: IndexManifest
    same: int
    learnt: str


def plan_of(table: VectorTable, memory_bytes: int = DEFAULT_MEMORY_BYTES) -> IndexPlan:
    """Return what an index of a table will be.

    Raises:
        InputError: the table is empty or cannot be read.
    """
    count, dimension = table.shape()
    if not count:
        raise InputError(f"{table.path}: holds no rows.")
    return plan_index(count, dimension, memory_bytes)


def build_from_vectors(
    table: VectorTable,
    encoder_id: str,
    target: Path,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
    on_stage: Callable[[str], object] = str,
) -> VectorReport:
    """Write an index of the rows of a table in the place of an index at `target`.

    Stopped, a large build goes on where it was when it is called again; an old index stays what it
    was until then.

    Raises:
        InputError: the table cannot be read, or a row is no reference; the message names it.
        ReferenceIndexError: another process writes this index.
        StorageError: disk full, read-only folder, ...
    """
    target = target.resolve()
    plan = plan_of(table, memory_bytes)
    with lock_index(target):
        if plan.kind not in MAPPED_KINDS:
            assembly, same = _small_index(table, encoder_id)
            manifest, learnt = learn_and_save(target, assembly, None, on_stage)
            return VectorReport(plan, manifest, same, learnt)
        with storage_errors(target):
            folders, same, room = build_shards(table, plan, encoder_id, target, on_stage)
        shards = [open_shard(folder, read_manifest(folder), is_own=True) for folder in folders]
        nothing = np.empty(0, np.int64)
        assembly = Assembly(list(shards), nothing, nothing)
        manifest, learnt = learn_and_save(target, assembly, None, on_stage)
        shutil.rmtree(room, ignore_errors=True)
    return VectorReport(plan, manifest, same, learnt)


def _small_index(table: VectorTable, encoder_id: str) -> tuple[Assembly, int]:
    keys = read_keys(table)
    rows: list[ReferenceRow] = []
    vectors = []
    start = 0
    for batch in table.batches():
        kept = keys.ranks[start : start + batch.rows.num_rows] >= 0
        start += batch.rows.num_rows
        rows += [
            ReferenceRow(**row)
            for row, stays in zip(batch.rows.to_pylist(), kept, strict=True)
            if stays
        ]
        vectors.append(batch.vectors[kept].astype(np.float32))
    unit = np.concatenate(vectors)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return assemble([], NewPhotos(encoder_id, rows, unit)), keys.same
