"""Lets the published torchvision, which is built for CUDA, be imported beside a CPU torch.

Its compiled operators cannot load there, and its import then fails because two of them are not
declared. This declares them, just before torchvision is first imported. Only for test environments:
vLLM imports torchvision for the stock Qwen2.5-VL processor and calls neither operator.
"""

import sys
from importlib.abc import MetaPathFinder
from typing import Any

_KEPT: list[Any] = []  # a library that is collected takes its declarations with it


class _DeclareOperators(MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> None:
        if fullname != "torchvision":
            return
        sys.meta_path.remove(self)
        import torch

        if torch.version.cuda is None and not hasattr(torch.ops.torchvision, "nms"):
            untyped: Any = torch.library
            library = untyped.Library("torchvision", "DEF")
            library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            _KEPT.append(library)


sys.meta_path.insert(0, _DeclareOperators())
