"""Codes of three bits a number: what earlier versions made, opened and cut, not made anew.

IndexIVFRaBitQ (Gao & Long, SIGMOD 2024 and 2025), whose lists are mapped from its file.
"""

from pathlib import Path
from typing import Any

import numpy as np

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.faiss_module import import_faiss
from geoagent_graph.retrieval.scan_codes import centres_of


def empty_like(codes: Any) -> Any:
    """Return a trained index with the lists of another, and no vectors."""
    faiss = import_faiss()
    quantizer = faiss.clone_index(codes.quantizer)
    index = faiss.IndexIVFRaBitQ(
        quantizer, codes.d, codes.nlist, codes.metric_type, True, codes.rabitq.nb_bits
    )
    quantizer.this.disown()
    index.own_fields = True
    index.cp = codes.cp
    index.is_trained = True
    return index


def map_bit_codes(path: Path, dimension: int, count: int) -> Any:
    """Return the index in a file whose sha256 has been checked, mapped into memory.

    Raises:
        ReferenceIndexError: it is no such index; the message does not name the folder.
    """
    faiss = import_faiss()

    try:
        codes = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
    except (RuntimeError, MemoryError) as error:
        raise ReferenceIndexError("FAISS cannot read it") from error
    _check_codes(codes, dimension, count)
    if not np.isfinite(centres_of(codes)).all():
        raise ReferenceIndexError("its centres are not finite")
    return codes


def _check_codes(codes: Any, dimension: int, count: int) -> None:
    """Refuse parts that do not fit together."""
    faiss = import_faiss()

    fits = (
        isinstance(codes, faiss.IndexIVFRaBitQ)
        and (codes.d, codes.ntotal) == (dimension, count)
        and codes.metric_type == faiss.METRIC_INNER_PRODUCT
        and codes.is_trained
    )
    if not fits:
        raise ReferenceIndexError("it is not an index of this kind, dimension and count")
    fresh = faiss.RaBitQuantizer(dimension, faiss.METRIC_INNER_PRODUCT, codes.rabitq.nb_bits)
    quantizer = faiss.downcast_index(codes.quantizer)
    fits = (
        isinstance(quantizer, faiss.IndexFlat)
        and (quantizer.ntotal, quantizer.d) == (codes.nlist, dimension)
        and quantizer.codes.size() == codes.nlist * dimension * 4
        and 1 <= codes.rabitq.nb_bits <= 8
        and codes.rabitq.d == dimension
        and codes.code_size == codes.rabitq.code_size == fresh.code_size
        and (codes.invlists.nlist, codes.invlists.code_size) == (codes.nlist, codes.code_size)
        and codes.direct_map.type == faiss.DirectMap.NoMap
    )
    if not fits:
        raise ReferenceIndexError("its parts do not fit together")
