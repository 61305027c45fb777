"""Tensors from a PyTorch weights file without torch: only tensors, nothing is ever executed.

Before PyTorch 1.6 a file holds five pickles and then the raw storages; since then it is an archive
with one pickle, `data.pkl`, and a member per storage. The pickles are read as data, by a small
stack machine over the standard library's disassembler; an opcode or a name that a plain state dict
does not need is refused. No unpickler takes part, not even one with a list of allowed names: such
a list still calls what it allows, while here nothing is ever called and a tensor is only a note of
where its numbers lie.
"""

import io
import math
import pickletools
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError

_DTYPES = {"torch FloatStorage": np.dtype("<f4"), "torch LongStorage": np.dtype("<i8")}
_DICT = "collections OrderedDict"
_TENSOR = "torch._utils _rebuild_tensor_v2"
_NAMES = {_DICT, _TENSOR, *_DTYPES}
_VALUES = {"BINUNICODE", "BININT", "BININT1", "BININT2", "LONG1"}
_CONSTANTS: dict[str, Any] = {"NEWTRUE": True, "NEWFALSE": False, "NONE": None, "EMPTY_TUPLE": ()}
_MAX_BYTES = 512_000_000
_MAX_PICKLE_BYTES = 1_000_000
_MAX_MEMBERS = 4096
WHOLE = "value"  # the name of a tensor that a file holds without a name


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: str
    dtype: np.dtype[Any]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # in elements, as in torch


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a state dict by name.

    Raises:
        ToolError: the file cannot be read, is damaged, or holds anything but tensors.
    """
    try:
        with path.open("rb") as stream:
            for _ in range(3):  # magic number, protocol, sizes of the machine
                _Machine().run(stream)
            tensors = _Machine().run(stream)
            keys = _Machine().run(stream)
            return _fill_tensors(tensors, keys, stream)
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(
            f"{path.name}: not a plain file of weights, or damaged. Reinstall its package."
        ) from error


def read_archive_tensors(data: bytes, name: str) -> dict[str, NDArray[Any]]:
    """Return the tensors of an archive of PyTorch by name; one without a name is `WHOLE`.

    Raises:
        ToolError: it is damaged, or holds anything but tensors.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _plain_members(archive)
            pickled = archive.read(members.pop("data.pkl"))
            found = _Machine().run(io.BytesIO(pickled))
            tensors = {WHOLE: found} if isinstance(found, _Tensor) else found
            storages = {
                tensor.storage: np.frombuffer(
                    archive.read(members[f"data/{tensor.storage}"]), tensor.dtype
                )
                for tensor in tensors.values()
            }
        return {
            name: _tensor_view(storages[tensor.storage], tensor) for name, tensor in tensors.items()
        }
    except (
        OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, zipfile.BadZipFile,
        NotImplementedError,
    ) as error:  # fmt: skip
        raise ToolError(
            f"{name}: not a plain archive of weights, or damaged; get it again"
        ) from error


def _plain_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by their names below the archive's folder; refuses what could swell."""
    infos = archive.infolist()
    if len(infos) > _MAX_MEMBERS or sum(info.file_size for info in infos) > _MAX_BYTES:
        raise ValueError("the archive is too large")
    if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
        raise ValueError("a member is compressed")
    members = {info.filename.partition("/")[2]: info for info in infos}
    if members["data.pkl"].file_size > _MAX_PICKLE_BYTES:
        raise ValueError("the pickle is too large")
    if "byteorder" in members and archive.read(members["byteorder"]) != b"little":
        raise ValueError("the byte order is not this one")
    return members


def _fill_tensors(
    tensors: dict[str, Any], keys: list[str], stream: BinaryIO
) -> dict[str, NDArray[Any]]:
    dtypes = {tensor.storage: tensor.dtype for tensor in tensors.values()}
    storages = {}
    for key in keys:
        length = int.from_bytes(stream.read(8), "little")
        size_bytes = length * dtypes[key].itemsize
        if size_bytes > _MAX_BYTES:
            raise ValueError("storage too large")
        storages[key] = np.frombuffer(stream.read(size_bytes), dtypes[key], count=length)
    return {
        name: _tensor_view(storages[tensor.storage], tensor) for name, tensor in tensors.items()
    }


def _tensor_view(storage: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    """Return a copy of the tensor's elements; raises ValueError when some lie outside."""
    steps = zip(tensor.shape, tensor.strides, strict=True)
    last = tensor.offset + sum((size - 1) * stride for size, stride in steps)
    if 0 in tensor.shape or last >= storage.size or math.prod(tensor.shape) > storage.size:
        raise ValueError("a tensor lies outside its storage, or is larger than it")
    strides = [stride * storage.itemsize for stride in tensor.strides]
    part = storage[tensor.offset :]
    return np.lib.stride_tricks.as_strided(part, tensor.shape, strides, writeable=False).copy()


class _Machine:
    """Runs one pickle's opcodes on plain lists, tuples, dicts, texts and numbers."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}

    def run(self, stream: BinaryIO) -> Any:
        for opcode, argument, _ in pickletools.genops(stream):
            self._run_opcode(opcode.name, argument)
        return self._stack.pop()

    def _run_opcode(self, name: str, argument: Any) -> None:
        stack = self._stack
        if name in _VALUES:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self._memo[argument] = stack[-1]
        elif name in {"BINGET", "LONG_BINGET"}:
            stack.append(self._memo[argument])
        elif name == "MARK":
            self._marks.append(len(stack))
        elif name in {"EMPTY_DICT", "EMPTY_LIST"}:
            stack.append({} if name == "EMPTY_DICT" else [])
        elif name.startswith(("TUPLE", "SETITEM", "APPENDS")):
            self._collect_values(name)
        elif name not in {"PROTO", "STOP"}:
            self._build_object(name, argument)

    def _collect_values(self, name: str) -> None:
        """Put the values on top of the stack into a tuple, dict or list."""
        stack = self._stack
        match name:
            case "TUPLE":
                stack.append(tuple(self._since_mark()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                size = int(name[-1])
                stack[-size:] = [tuple(stack[-size:])]
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                stack[-1].update(_pairs_of_texts([key, value]))
            case "SETITEMS":
                values = self._since_mark()
                stack[-1].update(_pairs_of_texts(values))
            case _:
                values_read = self._since_mark()
                stack[-1].extend(values_read)

    def _build_object(self, name: str, argument: Any) -> None:
        """Make the few objects that a state dict is made of; refuse everything else."""
        stack = self._stack
        match name:
            case "BUILD":  # attributes of the dict: nothing that a tensor needs
                stack.pop()
            case "GLOBAL" if argument in _NAMES:
                stack.append(argument)
            case "BINPERSID":
                _, dtype, key = stack.pop()[:3]
                stack.append((key, _DTYPES[dtype]))
            case "REDUCE":
                arguments, function = stack.pop(), stack.pop()
                stack.append({} if function == _DICT else _make_tensor(function, arguments))
            case _:
                raise ValueError(f"opcode {name} {argument} is not allowed")

    def _since_mark(self) -> list[Any]:
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items


def _pairs_of_texts(values: list[Any]) -> Mapping[str, Any]:
    """Return the values of a dict; a key that is no text could take for ever to hash."""
    pairs = dict(zip(values[::2], values[1::2], strict=True)) if _are_texts(values[::2]) else {}
    if len(pairs) * 2 != len(values):
        raise ValueError("a dict has keys that are no different texts")
    return pairs


def _are_texts(keys: list[Any]) -> bool:
    return all(isinstance(key, str) for key in keys)


def _make_tensor(function: str, arguments: tuple[Any, ...]) -> _Tensor:
    if function != _TENSOR:
        raise ValueError(f"{function} is not allowed")
    (storage, dtype), offset, shape, strides = arguments[:4]
    if len(shape) != len(strides) or min((offset, *shape, *strides)) < 0:
        raise ValueError("a tensor is not laid out plainly")
    return _Tensor(storage, dtype, offset, shape, strides)
