"""Tensors from a PyTorch weights file without torch: only tensors, nothing is ever executed.

The file (PyTorch's format before 1.6) holds five pickles and then the raw storages. The pickles are
read as data, by a small stack machine over the standard library's disassembler; an opcode or a name
that a plain state dict does not need is refused.
"""

import pickletools
from collections.abc import Iterator
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
    if 0 in tensor.shape or last >= storage.size:
        raise ValueError("a tensor lies outside its storage")
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
                stack[-1][key] = value
            case "SETITEMS":
                values = iter(self._since_mark())
                stack[-1].update(_value_pairs(values))
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
                _, dtype, key, _, _, _ = stack.pop()
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


def _value_pairs(values: Iterator[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(values, values, strict=True)


def _make_tensor(function: str, arguments: tuple[Any, ...]) -> _Tensor:
    if function != _TENSOR:
        raise ValueError(f"{function} is not allowed")
    (storage, dtype), offset, shape, strides = arguments[:4]
    if len(shape) != len(strides) or min((offset, *shape, *strides)) < 0:
        raise ValueError("a tensor is not laid out plainly")
    return _Tensor(storage, dtype, offset, shape, strides)
