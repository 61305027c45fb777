"""An image tower in ONNX Runtime: a photo's input to its features, no torch."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.file_formats import check_file

OUTPUTS: Final = ("image_embeds", "pooler_output", "last_hidden_state")
"""Outputs that hold the features, the first that is there; of the last the first token is taken."""


class OnnxTower:
    """The features of one ONNX file; one thread at a time."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        check_onnx(path)
        self._session = _open_session(path, threads)
        self._input = self._session.get_inputs()[0].name
        self._output = output_of(path, [output.name for output in self._session.get_outputs()])

    def features(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features, [n, d], of inputs [n, 3, height, width].

        Raises:
            ToolError: it does not take them.
        """
        try:
            (found,) = self._session.run([self._output], {self._input: pictures})
        except Exception as error:
            raise ToolError(f"{self._path}: {' '.join(str(error).split())[:300]}") from error
        if found.ndim == 3:
            found = found[:, 0]
        return np.asarray(found, np.float32)


def check_onnx(path: Path) -> None:
    """Refuse what is no whole graph of the standard's own operators.

    Raises:
        ToolError: the message says what is wrong with it.
    """
    try:
        check_file(path)
    except (OSError, ValueError) as error:
        raise ToolError(f"{path}: {error}") from error


def output_of(path: Path, names: list[str]) -> str:
    """Return the output that holds the features.

    Raises:
        ToolError: none has a name that is known here.
    """
    found = next((name for name in OUTPUTS if name in names), None)
    if found is None:
        raise ToolError(f"{path}: has none of the outputs {', '.join(OUTPUTS)}")
    return found


def read_output_shape(path: Path) -> int:
    """Return the length of the features of an ONNX file.

    Raises:
        ToolError: it cannot be read, or does not state it.
    """
    import onnx

    check_onnx(path)
    outputs = {output.name: output for output in onnx.load(str(path)).graph.output}
    sides = outputs[output_of(path, list(outputs))].type.tensor_type.shape.dim
    length = sides[-1].dim_value if sides else 0
    if length < 1:
        raise ToolError(f"{path}: does not state how many features a photo has")
    return int(length)


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ToolError(f"{path}: {' '.join(str(error).split())[:300]}") from error
