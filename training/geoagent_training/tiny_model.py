"""The project's tiny random Qwen2.5-VL, under the name that recipes and runs of training use."""

from geoagent_graph.testing.tiny_model import TinySize, build_tiny_model

__all__ = ["TinySize", "build_tiny_model"]
