"""Galleries that live on object storage: a LanceDB table, searched where it lies; extra `lancedb`.

The table is written from an index (`export_to_lance`) and says which encoder made it. From 50,000
rows on it has lists of compressed codes, and the best are ranked exactly; a country is a filter
before the search.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from geoagent_graph.errors import InputError, ReferenceIndexError, ToolError
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.retrieval.query_and_hit import check_query, reference_of
from geoagent_graph.retrieval.reference_table import ReferenceRow, row_schema
from geoagent_graph.safe_text import visible
from geoagent_graph.types import Reference

if TYPE_CHECKING:
    import pyarrow as pa

    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

TABLE: Final = "references"
_MAX_REASON_CHARS: Final = 300
NEEDS: Final = "a LanceDB gallery needs the extra `lancedb`: pip install 'geoagent-graph[lancedb]'"
_FORMAT: Final = b"geoagent-lance-1"
_BATCH_ROWS: Final = 8192
_MIN_INDEXED: Final = 50_000
_PROBES: Final = 64
_REFINE: Final = 30  # times k are ranked by the exact vectors
_MAX_EXACT: Final = 20_000  # rows of the countries asked about: measured, see docs/scale.md
_INDEX_HOURS: Final = 24


class LanceRetriever:
    """Finds the most similar reference photos of a LanceDB table; safe to share among threads."""

    def __init__(self, table: Any, encoder: VisualEncoder | None) -> None:
        self._table = table
        self._encoder = encoder
        self._last: tuple[bytes, NDArray[np.float32]] | None = None
        metadata = table.schema.metadata or {}
        if metadata.get(b"format") != _FORMAT:
            raise ReferenceIndexError(
                f"{table.name}: is no gallery of references; make one with `geoagent index export`."
            )
        self.encoder_id = metadata.get(b"encoder_id", b"").decode(errors="replace")
        self._source = metadata.get(b"index_sha256", b"").decode(errors="replace")
        self.dimension = int(table.schema.field("vector").type.list_size)
        if encoder is not None and encoder.encoder_id != self.encoder_id:
            raise ReferenceIndexError(
                f"{table.name}: made by the encoder {self.encoder_id}, but {encoder.encoder_id} is "
                "in use; use that encoder."
            )

    @classmethod
    def load(cls, address: str, encoder: VisualEncoder | None) -> "LanceRetriever":
        """Return the retriever of a gallery at a folder or an address such as s3://bucket/gallery.

        Raises:
            InputError: LanceDB is not installed.
            ReferenceIndexError: there is no gallery, or another encoder made it.
        """
        lancedb = import_lancedb()
        if "://" not in address and not Path(address).is_dir():  # LanceDB would make it
            raise ReferenceIndexError(
                f"{address}: no gallery can be opened (there is no such folder)"
            )
        try:
            table = lancedb.connect(address).open_table(TABLE)
        except (ValueError, OSError, RuntimeError) as error:
            raise ReferenceIndexError(
                f"{address}: no gallery can be opened ({_first_line(error)})"
            ) from error
        return cls(table, encoder)

    def identity(self) -> Mapping[str, JsonValue]:
        """Return the encoder, the digest of the exported index, and the version of the table."""
        return {
            "encoder": self.encoder_id,
            "index_sha256": self._source,
            "lance_version": int(self._table.version),
        }

    def search(
        self,
        pixels: NDArray[np.uint8],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k references most similar to an RGB photo, shape [height, width, 3].

        Raises:
            InputError: k is out of range, or the gallery was opened without an encoder.
            ToolError: the encoder failed, or the gallery cannot be read.
        """
        if self._encoder is None:
            raise InputError(f"opened without an encoder; open it with {self.encoder_id}.")
        digest = hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).digest()
        last = self._last  # a photo is asked about once a level
        if last is None or last[0] != digest:
            last = (digest, self._encoder.encode([pixels])[0])
            self._last = last
        return self.search_embedding(last[1], k, country_codes)

    def search_embedding(
        self,
        embedding: NDArray[np.float32],
        k: int,
        country_codes: frozenset[str] | None = None,
    ) -> list[Reference]:
        """Return the k references most similar to a vector, best first, inside the countries.

        Raises:
            InputError: k is out of range, or the embedding is none of the encoder.
            ToolError: the gallery cannot be read.
        """
        query = check_query(embedding, k, self.dimension, self.encoder_id)
        search = self._table.search(query).distance_type("cosine").limit(k)
        search = search.nprobes(_PROBES).refine_factor(_REFINE)
        codes = sorted(code for code in country_codes or () if _is_code(code))
        if country_codes is not None and not codes:
            return []
        try:
            if codes:
                inside = "country_code IN ({})".format(", ".join(f"'{code}'" for code in codes))
                search = search.where(inside, prefilter=True)
                if self._table.count_rows(inside) <= _MAX_EXACT:  # few: no list is left out
                    search = search.bypass_vector_index()
            found = search.to_list()
        except (ValueError, OSError, RuntimeError) as error:
            raise ToolError(f"the gallery cannot be searched ({_first_line(error)})") from error
        names = [field.name for field in fields(ReferenceRow)]
        return [
            reference_of(ReferenceRow(**{name: hit[name] for name in names}), 1 - hit["_distance"])
            for hit in found
        ]


def export_to_lance(retriever: "FaissRetriever", address: str) -> int:
    """Write an index as a gallery at a folder or an address; return how many photos it has.

    A gallery there is replaced when all is written. The vectors are those that the index stores.

    Raises:
        InputError: LanceDB is not installed.
        ToolError: it cannot be written.
    """
    lancedb = import_lancedb()
    from lancedb import index

    shards, manifest = retriever.table, retriever.manifest
    schema = _table_schema(retriever)
    try:
        connection = lancedb.connect(address)
        mode = "overwrite" if _has_table(connection) else "create"
        table = connection.create_table(
            TABLE, _batches(retriever, schema), schema=schema, mode=mode
        )
        if manifest.count >= _MIN_INDEXED:
            codes = index.IvfPq(distance_type="cosine", num_sub_vectors=manifest.dimension // 4)
            table.create_index("country_code", config=index.Bitmap())
            table.create_index("vector", config=codes, wait_timeout=timedelta(hours=_INDEX_HOURS))
    except (ValueError, OSError, RuntimeError) as error:
        raise ToolError(f"{address}: cannot be written ({_first_line(error)})") from error
    return len(shards)


def _has_table(connection: Any) -> bool:
    try:
        connection.open_table(TABLE)
    except (ValueError, OSError):
        return False
    return True


def import_lancedb() -> Any:
    """Return the module.

    Raises:
        InputError: it is not installed.
    """
    try:
        import lancedb
    except ImportError as error:
        raise InputError(NEEDS) from error
    return lancedb


def _table_schema(retriever: "FaissRetriever") -> "pa.Schema":
    import pyarrow as pa

    manifest = retriever.manifest
    vector = pa.field("vector", pa.list_(pa.float32(), manifest.dimension), nullable=False)
    digest = str(retriever.identity()["index_sha256"])
    about = {"format": _FORMAT, "encoder_id": manifest.encoder_id, "index_sha256": digest}
    return row_schema().append(vector).with_metadata(about)


def _batches(retriever: "FaissRetriever", schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
    import pyarrow as pa

    start = 0
    plain = row_schema()
    for shard in retriever.table.shards:
        for first in range(0, len(shard), _BATCH_ROWS):
            rows = shard.table.arrow.slice(first, _BATCH_ROWS).cast(plain).combine_chunks()
            numbers = np.arange(start + first, start + first + rows.num_rows)
            flat = pa.array(retriever.table.stored_vectors(numbers).ravel())
            vectors = pa.FixedSizeListArray.from_arrays(flat, retriever.manifest.dimension)
            columns = [column.combine_chunks() for column in rows.columns]
            yield pa.RecordBatch.from_arrays([*columns, vectors], schema=schema)
        start += len(shard)


def _is_code(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha()


def _first_line(error: Exception) -> str:
    lines = (line.strip() for line in str(error).splitlines() if line.strip())
    return visible(next(lines, "no reason"), _MAX_REASON_CHARS)
