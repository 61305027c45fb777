"""What every retriever does with a query before it searches, and with a row that it has found."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.manifest_fields import MAX_ID_CHARS
from geoagent_graph.retrieval.reference_table import MAX_TEXT_CHARS, ReferenceRow
from geoagent_graph.safe_text import visible
from geoagent_graph.types import Reference

MAX_K: Final = 10_000


def check_query(
    embedding: NDArray[np.float32], k: int, dimension: int, encoder_id: str
) -> NDArray[np.float32]:
    """Return a query as a unit vector, shape [dimension].

    Raises:
        InputError: k is out of range, or the embedding has another length, is zero or not finite.
    """
    if not 1 <= k <= MAX_K:
        raise InputError(f"k is {k}; ask for 1 to {MAX_K} references.")
    query = np.ascontiguousarray(embedding, dtype=np.float32)
    if query.shape != (dimension,):
        raise InputError(
            f"The embedding has shape {list(query.shape)} instead of "
            f"[{dimension}]; use the encoder {encoder_id}."
        )
    norm = float(np.linalg.norm(query.astype(np.float64)))
    if not np.isfinite(norm) or norm == 0.0:
        raise InputError("The embedding is zero or not finite; use one of the encoder.")
    return (query / np.float32(norm)).astype(np.float32)


def reference_of(row: ReferenceRow, score: float, points: int | None = None) -> Reference:
    """Return a row as a hit, its texts made safe to show."""
    return Reference(
        id=visible(row.id, MAX_ID_CHARS),
        score=max(-1.0, min(1.0, score)),
        lat_deg=row.lat_deg,
        lon_deg=row.lon_deg,
        country_code=row.country_code or None,
        license=visible(row.license, MAX_TEXT_CHARS),
        attribution=visible(row.attribution, MAX_TEXT_CHARS),
        source_url=visible(row.source_url, MAX_TEXT_CHARS),
        matching_points=points,
    )
