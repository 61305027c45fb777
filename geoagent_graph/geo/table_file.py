"""Table files: named numpy arrays behind a JSON header, checked by sha256, mapped when read.

Layout: 8 bytes magic, 8 bytes little-endian header length, 32 bytes sha256 of the header, the
header (UTF-8 JSON), zeros up to a multiple of 64, then the arrays, each padded to a multiple of 64.
The header holds `manifest` (the caller's own JSON), `arrays` (name -> dtype, shape, offset from the
start of the payload) and `sha256` of the payload. Nothing in it is ever executed.
"""

import hashlib
import itertools
import json
import math
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.regular_files import open_regular
from geoagent_graph.whole_files import SHARED, make_folders, remove_orphans, replace_file

if TYPE_CHECKING:
    import io

MAGIC: Final = b"GEOTABL1"
_ALIGN_BYTES: Final = 64
_MAX_HEADER_BYTES: Final = 4_000_000
_DTYPES: Final = frozenset({"<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "<u4", "|u1"})

Arrays = dict[str, NDArray[Any]]


class DamagedTableError(Exception):
    """A table file that is missing, truncated, altered or made for something else."""


def write_table(path: Path, arrays: Mapping[str, NDArray[Any]], manifest: Any) -> None:
    """Write a table file: complete under its name, or not at all.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    payload, entries = _lay_out_arrays(arrays)
    body = {"manifest": manifest, "arrays": entries, "sha256": _payload_digest(payload)}
    encoded = json.dumps(body, sort_keys=True).encode()
    digest = hashlib.sha256(encoded).digest()
    head = MAGIC + len(encoded).to_bytes(8, "little") + digest + encoded
    make_folders(path.parent)
    prefix = f".{path.name}."
    remove_orphans(path.parent, f"{prefix}*")
    padded = head + bytes(-len(head) % _ALIGN_BYTES)
    replace_file(path, itertools.chain([padded], payload), prefix, SHARED)


def read_table(path: Path, manifest: Any, *, trusts_payload: bool = False) -> Arrays:
    """Return the arrays of a table file, read-only and mapped from disk.

    Args:
        path: the file.
        manifest: what its own manifest must equal; another version or source is refused.
        trusts_payload: check the header alone; the arrays were checked before.

    Raises:
        DamagedTableError: the file is missing, truncated, altered, or has another manifest.
    """
    try:
        with open_regular(path) as file:
            header, payload_start = _read_header(file.read(48), file.read)
            if header.get("manifest") != manifest:
                raise DamagedTableError(f"{path} was made by another version")
            file.seek(payload_start)
            if not trusts_payload and _digest_of(file) != header.get("sha256"):
                raise DamagedTableError(f"{path} is damaged: its checksum does not match")
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        entries = header["arrays"].items()
        return {name: _map_array(mapped, payload_start, entry) for name, entry in entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedTableError(f"{path} is damaged: {error}") from error


def _digest_of(file: "io.BufferedRandom") -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _lay_out_arrays(
    arrays: Mapping[str, NDArray[Any]],
) -> tuple[list[bytes | memoryview], dict[str, Any]]:
    """Return the payload in pieces, and where each array lies in it; arrays are not copied."""
    payload: list[bytes | memoryview] = []
    entries: dict[str, Any] = {}
    offset = 0
    for name, array in arrays.items():
        if array.dtype.str not in _DTYPES:
            raise TypeError(f"{name} has dtype {array.dtype.str}")
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        entries[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": offset}
        payload += [data, bytes(-len(data) % _ALIGN_BYTES)]
        offset += len(data) + -len(data) % _ALIGN_BYTES
    return payload, entries


def _payload_digest(payload: list[bytes | memoryview]) -> str:
    digest = hashlib.sha256()
    for chunk in payload:
        digest.update(chunk)
    return digest.hexdigest()


def _read_header(start: bytes, read: Any) -> tuple[dict[str, Any], int]:
    """Return the checked header and the position of the payload."""
    if len(start) != 48 or start[:8] != MAGIC:
        raise ValueError("not a table file")
    length = int.from_bytes(start[8:16], "little")
    if length > _MAX_HEADER_BYTES:
        raise ValueError("its header is too long")
    encoded = read(length)
    if hashlib.sha256(encoded).digest() != start[16:48]:
        raise ValueError("its header does not match its checksum")
    header: dict[str, Any] = json.loads(encoded)
    return header, 48 + length + -(48 + length) % _ALIGN_BYTES


def _map_array(mapped: mmap.mmap, payload_start: int, entry: dict[str, Any]) -> NDArray[Any]:
    """Return one array as a read-only view of the mapped file."""
    if entry["dtype"] not in _DTYPES:
        raise ValueError(f"unknown dtype {entry['dtype']}")
    shape = tuple(entry["shape"])
    offset = payload_start + entry["offset"]
    count = math.prod(shape)
    array = np.frombuffer(mapped, dtype=entry["dtype"], count=count, offset=offset)
    return array.reshape(shape)
