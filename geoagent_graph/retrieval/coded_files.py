"""Writing a shard with compressed codes: rows, exact vectors, and codes, in one order."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.coded_shard import encode
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.index_folder import write_file, write_manifest
from geoagent_graph.retrieval.index_format import (
    EXACT_NAME,
    FORMAT_VERSION,
    LISTS_NAME,
    ROWS_NAME,
    SHARDS_VERSION,
    VECTORS_NAME,
    HashingFile,
    IndexManifest,
)
from geoagent_graph.retrieval.mapped_table import BATCH_ROWS, write_mapped
from geoagent_graph.retrieval.reference_table import row_schema
from geoagent_graph.retrieval.scan_codes import write_lists
from geoagent_graph.retrieval.vector_index import write_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_BATCH_VECTORS: Final = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class CodedRows:
    """Rows of a table and of `vectors`, [n, dimension], that a shard holds, in its order."""

    table: "pa.Table"
    vectors: NDArray[np.float16]
    order: NDArray[np.int64]

    def row_batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the rows in their order."""
        for start in range(0, len(self.order), BATCH_ROWS):
            part = self.table.take(self.order[start : start + BATCH_ROWS])
            yield from part.combine_chunks().cast(row_schema()).to_batches()

    def write_vectors(self, sink: HashingFile) -> None:
        """Write the vectors in their order; an OSError of the sink passes through."""
        for start in range(0, len(self.order), _BATCH_VECTORS):
            sink.write(self.vectors[self.order[start : start + _BATCH_VECTORS]].tobytes())


def write_coded(folder: Path, encoder_id: str, rows: CodedRows, template: Any) -> IndexManifest:
    """Write a shard into an empty folder; `template` is a trained index without vectors.

    The vectors are added to it. The lists of codes that are scanned fast have a file of their own.

    Raises:
        OSError: disk full, read-only folder, ...
    """
    dimension = int(rows.vectors.shape[1])
    files = {EXACT_NAME: write_file(folder / EXACT_NAME, rows.write_vectors)}
    files[ROWS_NAME] = write_file(
        folder / ROWS_NAME, lambda sink: write_mapped(rows.row_batches(), sink)
    )
    exact = np.memmap(folder / EXACT_NAME, np.float16, "r").reshape(-1, dimension)
    is_scanned = isinstance(template, import_faiss().IndexPreTransform)
    if not is_scanned:
        encode(template, exact)
    files[VECTORS_NAME] = write_file(
        folder / VECTORS_NAME, lambda sink: write_vectors(template, sink)
    )
    if is_scanned:
        encode(template, exact)
        files[LISTS_NAME] = write_file(
            folder / LISTS_NAME, lambda sink: write_lists(template, sink)
        )
    return write_manifest(
        folder,
        {
            "format_version": FORMAT_VERSION if is_scanned else SHARDS_VERSION,
            "encoder_id": encoder_id,
            "dimension": dimension,
            "count": len(rows.order),
            "index_kind": "IndexIVFPQFastScan" if is_scanned else "IndexIVFRaBitQ",
            "files": {name: record.model_dump() for name, record in files.items()},
        },
    )
