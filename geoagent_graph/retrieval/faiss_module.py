"""FAISS, imported late and untyped: its stubs lack half of what is used here."""

from typing import Any


def import_faiss() -> Any:
    """Return the module `faiss`."""
    import faiss

    return faiss
