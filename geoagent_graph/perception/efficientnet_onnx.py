"""EfficientNet-Lite0 as an ONNX graph, built from its weights without torch.

Layout after Google's EfficientNet-Lite: a stem, seven stages of inverted residuals without
squeeze-and-excitation, ReLU6, TensorFlow's `SAME` padding, batch norm folded into the convolutions.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

INPUT_SIDE_PX = 224
# repeats, kernel, stride, expansion, channels in, channels out
_STAGES = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
_BATCH_NORM_EPSILON = 1e-3
MIDDLE_STAGE = 4  # 112 channels on a 14 x 14 grid
MIDDLE_CHANNELS, TOP_CHANNELS = 112, 1280
DEPTH_SIDE_PX = 384
DEPTH_CHANNELS = (32, *(stage[-1] for stage in _STAGES), TOP_CHANNELS)  # stem, stages, top


def build_onnx(weights: dict[str, NDArray[Any]]) -> bytes:
    """Return an ONNX model: `input` [n, 3, 224, 224] to `middle` [n, 112] and `top` [n, 1280].

    Both outputs are averages over the image plane of the features of one depth.
    """
    graph = _Graph(weights, INPUT_SIDE_PX)
    taps = graph.features()
    graph.pool(taps[MIDDLE_STAGE + 1], "middle")
    graph.pool(taps[-1], "top")
    return graph.serialize(INPUT_SIDE_PX, {"middle": MIDDLE_CHANNELS, "top": TOP_CHANNELS})


def build_depths_onnx(weights: dict[str, NDArray[Any]]) -> bytes:
    """Return an ONNX model: `input` [n, 3, 384, 384] to `mean` and `spread`, [n, 2096] each.

    Average and standard deviation over the image plane of the features of every depth, one depth
    after another: see `DEPTH_CHANNELS`.
    """
    graph = _Graph(weights, DEPTH_SIDE_PX)
    means, spreads = [], []
    for number, tap in enumerate(graph.features()):
        means.append(f"mean{number}")
        spreads.append(f"spread{number}")
        graph.pool(tap, means[-1])
        graph.pool_spread(tap, means[-1], spreads[-1])
    graph.join(means, "mean")
    graph.join(spreads, "spread")
    return graph.serialize(DEPTH_SIDE_PX, dict.fromkeys(("mean", "spread"), sum(DEPTH_CHANNELS)))


class _Graph:
    """Collects nodes; `current` is the name of the last output, `_side` its height in cells."""

    def __init__(self, weights: dict[str, NDArray[Any]], side_px: int) -> None:
        self._weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.current = "input"
        self._side = side_px
        self._add_constant("zero", np.float32(0.0))
        self._add_constant("six", np.float32(6.0))

    def features(self) -> list[str]:
        """Add all convolutions and return the names of what stem, stages and top put out."""
        self._add_convolution("_conv_stem", "_bn0", stride=2)
        block, taps = 0, [self.current]
        for repeats, _, stride, expansion, inside, outside in _STAGES:
            for repeat in range(repeats):
                channels = inside if repeat == 0 else outside
                self._add_block(block, stride if repeat == 0 else 1, expansion, channels, outside)
                block += 1
            taps.append(self.current)
        self._add_convolution("_conv_head", "_bn1")
        return [*taps, self.current]

    def pool(self, source: str, name: str) -> None:
        """Add the average over the image plane under a name."""
        self._add_node("GlobalAveragePool", [source], f"{name}_pooled")
        self._add_node("Flatten", [f"{name}_pooled"], name)

    def pool_spread(self, source: str, mean: str, name: str) -> None:
        """Add the standard deviation over the image plane, given the average, under a name."""
        self._add_node("Mul", [source, source], f"{name}_squares")
        self.pool(f"{name}_squares", f"{name}_square")
        self._add_node("Mul", [mean, mean], f"{name}_of_mean")
        self._add_node("Sub", [f"{name}_square", f"{name}_of_mean"], f"{name}_variance")
        self._add_node("Max", [f"{name}_variance", "zero"], f"{name}_positive")
        self._add_node("Sqrt", [f"{name}_positive"], name)

    def join(self, parts: list[str], name: str) -> None:
        """Add the features of several depths side by side under a name."""
        self._add_node("Concat", parts, name, axis=1)

    def serialize(self, side_px: int, outputs: dict[str, int]) -> bytes:
        """Return the model; `outputs` are the names of its outputs and how long they are."""
        import onnx
        from onnx import TensorProto, helper

        square: list[str | int | None] = ["n", 3, side_px, side_px]
        made = helper.make_graph(
            self.nodes,
            "efficientnet_lite0",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, square)],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", length])
                for name, length in outputs.items()
            ],
            self.constants,
        )
        model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    def _add_block(
        self, block: int, stride: int, expansion: int, inside: int, outside: int
    ) -> None:
        before, prefix = self.current, f"_blocks.{block}."
        if expansion != 1:
            self._add_convolution(f"{prefix}_expand_conv", f"{prefix}_bn0")
        self._add_convolution(
            f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride, inside * expansion
        )
        self._add_convolution(f"{prefix}_project_conv", f"{prefix}_bn2", activate=False)
        if stride == 1 and inside == outside:
            self._add_node("Add", [self.current, before], f"sum{block}")

    def _add_convolution(
        self, name: str, norm: str, stride: int = 1, groups: int = 1, *, activate: bool = True
    ) -> None:
        weights = self._weights
        scale = weights[f"{norm}.weight"] / np.sqrt(
            weights[f"{norm}.running_var"] + _BATCH_NORM_EPSILON
        )
        kernel = weights[f"{name}.weight"] * scale[:, None, None, None]
        bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        size = kernel.shape[2]
        side = -(-self._side // stride)
        padding = max((side - 1) * stride + size - self._side, 0)
        before, after = padding // 2, padding - padding // 2
        self._side = side
        self._add_constant(f"{name}.kernel", kernel)
        self._add_constant(f"{name}.offset", bias)
        self._add_node(
            "Conv",
            [self.current, f"{name}.kernel", f"{name}.offset"],
            f"{name}.out",
            kernel_shape=[size, size],
            strides=[stride, stride],
            group=groups,
            pads=[before, before, after, after],
        )
        if activate:
            self._add_node("Clip", [self.current, "zero", "six"], f"{name}.active")

    def _add_node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        self.current = output

    def _add_constant(self, name: str, values: Any) -> None:
        from onnx import numpy_helper

        self.constants.append(
            numpy_helper.from_array(
                np.ascontiguousarray(values, np.float32).reshape(np.shape(values)), name
            )
        )
