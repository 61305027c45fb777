"""FAISS, imported late and untyped: its stubs lack half of what is used here."""

import threading
from typing import Any

from geoagent_graph.errors import ReferenceIndexError

_reading = threading.Lock()  # the limit below is global to FAISS


def import_faiss() -> Any:
    """Return the module `faiss`."""
    import faiss

    return faiss


def read_bounded(source: Any, size_bytes: int) -> Any:
    """Return the index that a path or a reader of FAISS holds; no part is larger than `size_bytes`.

    Raises:
        ReferenceIndexError: FAISS cannot read it; the message does not name the folder.
    """
    faiss = import_faiss()

    with _reading:
        limit = faiss.get_deserialization_vector_byte_limit()
        faiss.set_deserialization_vector_byte_limit(size_bytes)
        try:
            return faiss.read_index(source)
        except (RuntimeError, MemoryError) as error:
            raise ReferenceIndexError("FAISS cannot read it") from error
        finally:
            faiss.set_deserialization_vector_byte_limit(limit)
