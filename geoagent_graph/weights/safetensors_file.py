"""Safetensors files: checked, read as arrays that stay on disk, and written; nothing is executed.

Layout: 8 bytes little-endian length of the header, the header (JSON: name -> dtype, shape, offsets
in the payload), the payload. Arrays are views of the mapped file, so that processes share them.
"""

import json
import math
import mmap
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.regular_files import open_regular

MAX_HEADER_BYTES: Final = 25_000_000
_MAX_DIMENSIONS: Final = 8
# Bytes of an element; those that numpy lacks are checked and never read here.
_ITEM_BYTES: Final = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1,
    "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1,
}  # fmt: skip
_NUMPY: Final = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "|u1"}
_NAMES: Final = {np.dtype(code).str: name for name, code in _NUMPY.items()}

Header = dict[str, tuple[str, tuple[int, ...], int, int]]
"""Of each tensor its dtype, shape, and first and last byte in the file, the last exclusive."""


def read_header(path: Path) -> Header:
    """Return where the tensors of a file lie; every byte of the payload belongs to one of them.

    Raises:
        ValueError: it is no safetensors file, or damaged.
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
            raise ValueError("its header is longer than the file")
        fields = json.loads(file.read(length))
    if not isinstance(fields, dict):
        raise ValueError("its header is no JSON object")  # noqa: TRY004 (a damaged file)
    fields.pop("__metadata__", None)
    tensors = {str(name): _read_entry(entry, 8 + length) for name, entry in fields.items()}
    _require_no_gaps(tensors, 8 + length, size)
    return tensors


def _read_entry(entry: Any, payload_start: int) -> tuple[str, tuple[int, ...], int, int]:
    try:
        dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        item_bytes = _ITEM_BYTES[dtype]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"a tensor is described wrongly: {error}") from error
    numbers = [*shape, start, end]
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError("a tensor has a size that is no number")
    if len(shape) > _MAX_DIMENSIONS or math.prod(shape) * item_bytes != end - start:
        raise ValueError("a tensor does not fill its place")
    return dtype, tuple(shape), payload_start + start, payload_start + end


def _require_no_gaps(tensors: Header, payload_start: int, size_bytes: int) -> None:
    position = payload_start
    for _, _, start, end in sorted(tensors.values(), key=lambda entry: entry[2:]):
        if start != position:
            raise ValueError("tensors overlap or leave a gap")
        position = end
    if position != size_bytes:
        raise ValueError("it is cut off, or has bytes that belong to no tensor")


def map_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a file by name, read-only and mapped from disk.

    Raises:
        ToolError: it cannot be read, is damaged, or has a dtype that numpy lacks.
    """
    try:
        tensors = read_header(path)
        with open_regular(path) as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return {
            name: np.frombuffer(mapped, _NUMPY[dtype], math.prod(shape), start).reshape(shape)
            for name, (dtype, shape, start, _) in tensors.items()
        }
    except (OSError, ValueError, KeyError, RecursionError) as error:
        raise ToolError(f"{path}: no sound safetensors file ({error}); pull it again") from error


def tensor_bytes(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return a safetensors file; the same tensors give the same bytes.

    Raises:
        KeyError: a dtype is not written here.
    """
    header: dict[str, Any] = {}
    payload: list[bytes] = []
    position = 0
    for name, tensor in sorted(tensors.items()):
        data = np.ascontiguousarray(tensor).tobytes()
        header[name] = {
            "dtype": _NAMES[tensor.dtype.str],
            "shape": list(tensor.shape),
            "data_offsets": [position, position + len(data)],
        }
        payload.append(data)
        position += len(data)
    encoded = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)  # tensors begin at a multiple of eight
    return b"".join([len(encoded).to_bytes(8, "little"), encoded, *payload])
