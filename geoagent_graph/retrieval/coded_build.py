"""A large index from embeddings: rows are put in order on disk, then made into shards, one by one.

Memory holds the keys of all rows (about 40 bytes each) and one shard. Every step that is done is
kept beside the index: a build that was stopped goes on with the next. Training takes a sample drawn
with a fixed seed and one thread: the same rows give the same files.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.coded_files import CodedRows, write_coded
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.index_folder import beside
from geoagent_graph.retrieval.index_plan import IndexPlan
from geoagent_graph.retrieval.reference_table import row_schema
from geoagent_graph.retrieval.region_order import cell_numbers
from geoagent_graph.retrieval.scan_codes import TRAIN_PER_LIST, train_codes
from geoagent_graph.retrieval.vector_rows import VectorTable
from geoagent_graph.whole_files import sync_folder

_SEED: Final = 20_261_130
_UNPLACED: Final = -1


@dataclass(slots=True)
class RowKeys:
    """The keys of all rows: where each goes, -1 where it has been there before (`same`)."""

    ranks: NDArray[np.int64]
    same: int
    samples: list[int] = field(default_factory=list)


def build_shards(
    table: VectorTable,
    plan: IndexPlan,
    encoder_id: str,
    target: Path,
    on_stage: Callable[[str], object] = str,
) -> tuple[list[Path], int, Path]:
    """Return the folders of the shards, how many rows were there before, and the folder of all.

    The caller puts them into an index and removes the folder. Called again after it was stopped it
    goes on.

    Raises:
        InputError: the table cannot be read, or a row is no reference.
        OSError: disk full, read-only folder, ...
    """
    room = beside(target, "building")
    _begin(room, table, plan, encoder_id)
    rows = room / "rows"
    if not (rows / "done").exists():
        on_stage("reading rows")
        keys = read_keys(table)
        on_stage("writing rows in order")
        shutil.rmtree(rows, ignore_errors=True)
        _spool_rows(table, keys, plan, rows)
        (rows / "done").write_text(json.dumps({"same": keys.same}))
    same = int(json.loads((rows / "done").read_text())["same"])
    folders = []
    spools = sorted(rows.glob("*.f16"))
    for number, spool in enumerate(spools, start=1):
        folder = room / f"shard-{number:06}"
        if not folder.exists():
            on_stage(f"shard {number} of {len(spools)}")
            make_shard(spool, folder, _template(rows, plan), encoder_id, plan.dimension)
        folders.append(folder)
    return folders, same, room


def read_keys(table: VectorTable) -> RowKeys:
    """Return the place of every row of a table: by country, cell and number.

    A row whose id or sha256 came before has none.
    """
    countries, cells, ids, digests = [], [], [], []
    for batch in table.batches(with_vectors=False):
        rows = batch.rows
        codes = rows.column("country_code").to_pylist()
        countries.append(np.array([_code_number(code) for code in codes], np.uint16))
        lat_deg, lon_deg = (rows.column(name).to_numpy() for name in ("lat_deg", "lon_deg"))
        cells.append(cell_numbers(lat_deg, lon_deg).astype(np.uint32))
        ids.append(_hashes(rows.column("id").to_pylist()))
        digests.append(_hashes(rows.column("sha256").to_pylist()))
    known = _repeats(np.concatenate(ids)) | _repeats(np.concatenate(digests))
    del ids, digests
    order = np.lexsort((np.concatenate(cells), np.concatenate(countries)))
    order = order[~known[order]]
    ranks = np.full(len(known), _UNPLACED, np.int64)
    ranks[order] = np.arange(len(order))
    return RowKeys(ranks, int(known.sum()))


def make_shard(spool: Path, folder: Path, template: Path, encoder_id: str, dimension: int) -> None:
    """Make a shard of rows that lie in a spool; it is there whole or not at all.

    Raises:
        OSError: disk full, read-only folder, ...
    """
    import pyarrow as pa

    faiss = import_faiss()

    made = folder.with_name(f"{folder.name}.tmp")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    with pa.ipc.open_stream(spool.with_suffix(".arrow")) as reader:
        table = reader.read_all()
    order = np.argsort(table["rank"].to_numpy())
    vectors = np.memmap(spool, np.float16, "r").reshape(-1, dimension)
    rows = table.drop_columns(["rank"])
    write_coded(made, encoder_id, CodedRows(rows, vectors, order), faiss.read_index(str(template)))
    sync_folder(made)
    made.rename(folder)
    sync_folder(folder.parent)


def _begin(room: Path, table: VectorTable, plan: IndexPlan, encoder_id: str) -> None:
    """Make the folder of a build; what is there of a build from something else goes."""
    status = table.path.stat()
    source: dict[str, Any] = {
        "path": str(table.path.resolve()),
        "bytes": status.st_size,
        "written": status.st_mtime_ns,
        "column": table.column,
        "encoder_id": encoder_id,
        "kind": plan.kind,
        "lists": plan.lists,
        "shards": plan.shards,
    }
    note = room / "source.json"
    if not note.exists() or json.loads(note.read_text()) != source:
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        note.write_text(json.dumps(source))


def _spool_rows(table: VectorTable, keys: RowKeys, plan: IndexPlan, folder: Path) -> None:
    """Write every row to the file of its shard, and the vectors that training takes."""
    import pyarrow as pa

    folder.mkdir()
    count = int(keys.ranks.max()) + 1
    size = -(-count // plan.shards)
    drawn = np.random.default_rng(_SEED).choice(
        count, min(count, plan.lists * TRAIN_PER_LIST), replace=False
    )
    is_drawn = np.zeros(count, np.bool_)
    is_drawn[drawn] = True
    schema = row_schema().append(pa.field("rank", pa.int64()))
    names = [folder / f"{number:06}" for number in range(-(-count // size))]
    sample: list[tuple[NDArray[np.int64], NDArray[np.float16]]] = []
    writers = [pa.ipc.new_stream(name.with_suffix(".arrow"), schema) for name in names]
    spools = [name.with_suffix(".f16").open("xb") for name in names]
    start = 0
    try:
        for batch in table.batches():
            ranks = keys.ranks[start : start + batch.rows.num_rows]
            start += batch.rows.num_rows
            owners = np.where(ranks < 0, _UNPLACED, ranks // size)
            for owner in np.unique(owners[owners >= 0]).tolist():
                here = np.flatnonzero(owners == owner)
                rows = batch.rows.take(pa.array(here))
                columns = [*rows.columns, pa.array(ranks[here])]
                writers[owner].write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
                spools[owner].write(batch.vectors[here].tobytes())
            taken = np.flatnonzero((ranks >= 0) & is_drawn[np.maximum(ranks, 0)])
            sample.append((ranks[taken], batch.vectors[taken]))
    finally:
        for writer in writers:
            writer.close()
        for spool in spools:
            spool.close()
    ranks = np.concatenate([ranks for ranks, _ in sample])
    vectors = np.concatenate([vectors for _, vectors in sample])
    np.save(folder / "sample.npy", vectors[np.argsort(ranks)])


def _template(rows: Path, plan: IndexPlan) -> Path:
    """Return the file of the trained index, made once for all shards."""
    faiss = import_faiss()

    path = rows / "template.faiss"
    if not path.exists():
        sample = np.load(rows / "sample.npy", allow_pickle=False)
        made = path.with_suffix(".tmp")
        faiss.write_index(train_codes(sample.astype(np.float32), plan.lists), str(made))
        made.rename(path)
    return path


def _code_number(code: str) -> int:
    """Return a number that orders codes of two capitals; 0 for none."""
    return ord(code[0]) << 8 | ord(code[1]) if code else 0


def _hashes(texts: list[str]) -> NDArray[np.void]:
    """Return 16 bytes of each text, shape [texts]."""
    joined = b"".join(hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts)
    return np.frombuffer(joined, np.dtype("V16"))


def _repeats(hashes: NDArray[np.void]) -> NDArray[np.bool_]:
    """Return which of them came before, shape [hashes]."""
    pairs = hashes.view(np.uint64).reshape(-1, 2)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    ordered = pairs[order]
    same = np.all(ordered[1:] == ordered[:-1], axis=1)
    repeats = np.zeros(len(hashes), np.bool_)
    repeats[order[1:][same]] = True  # lexsort is stable: the first of equals is kept
    return repeats
