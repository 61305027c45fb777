"""Looks at every file before it is kept: safetensors, ONNX, GGUF and the JSON and text beside them.

A file is what its ending says or it is refused: a pickle cannot arrive under another name.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from geoagent_graph.regular_files import read_regular
from geoagent_graph.weights.gguf_file import check_gguf
from geoagent_graph.weights.safetensors_file import read_header

_MAX_TEXT_BYTES: Final = 100_000_000
_MAX_ONNX_BYTES: Final = 2_000_000_000  # protobuf has no larger messages
_OPERATORS: Final = frozenset({"", "ai.onnx"})


def check_file(path: Path) -> None:
    """Refuse a file that is not what its ending says, or whose format may hold code.

    Raises:
        ValueError: the message says what is wrong with it.
        OSError: it cannot be read.
    """
    check = _CHECKS.get(path.suffix)
    if check is None:
        allowed = ", ".join(sorted(_CHECKS))
        raise ValueError(f"its format is not allowed; allowed are {allowed}")
    check(path)


def _check_safetensors(path: Path) -> None:
    try:
        if not read_header(path):
            raise ValueError("it holds no tensors")
    except RecursionError as error:
        raise ValueError("its header is nested too deeply") from error


def _check_onnx(path: Path) -> None:
    """Refuse what is no whole ONNX graph of the standard's own operators in one file."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(read_regular(path, _MAX_ONNX_BYTES))
    except DecodeError as error:
        raise ValueError("it is no ONNX file, or cut off") from error
    graph = model.graph
    if not (graph.node and graph.input and graph.output):
        raise ValueError("it holds no graph")
    if {node.domain for node in graph.node} - _OPERATORS or model.functions:
        raise ValueError("it has operators that are not the standard's")
    if any(tensor.external_data for tensor in graph.initializer):
        raise ValueError("it keeps weights in other files")


def _check_json(path: Path) -> None:
    try:
        json.loads(read_regular(path, _MAX_TEXT_BYTES))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _check_text(path: Path) -> None:
    read_regular(path, _MAX_TEXT_BYTES).decode()


_CHECKS: Final[dict[str, Callable[[Path], None]]] = {
    ".safetensors": _check_safetensors,
    ".onnx": _check_onnx,
    ".gguf": check_gguf,
    ".json": _check_json,
    ".txt": _check_text,
    ".jinja": _check_text,
}
