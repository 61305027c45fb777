"""Tiny random image towers in the Hugging Face layout, and what transformers makes of photos."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 16
_LAYERS = {
    "hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
}  # fmt: skip
_VISION = {**_LAYERS, "image_size": SIDE_PX, "patch_size": 8}
_TEXT = {**_LAYERS, "vocab_size": 50, "max_position_embeddings": 8}


def random_photos(*sizes: tuple[int, int]) -> list[NDArray[np.uint8]]:
    """Return RGB photos of noise of the given heights and widths."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for height, width in sizes]


def save_clip(folder: Path, dimension: int = 20) -> Any:
    """Write a CLIP with both towers and return it with its processor."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel

    torch.manual_seed(0)
    config = CLIPConfig(
        vision_config={**_VISION, "projection_dim": dimension},
        text_config={**_TEXT, "projection_dim": dimension},
        projection_dim=dimension,
    )
    crop = {"height": SIDE_PX, "width": SIDE_PX}
    processor = CLIPImageProcessorPil(size={"shortest_edge": SIDE_PX}, crop_size=crop)
    return _save(CLIPModel(config), processor, folder)


def save_siglip(folder: Path) -> Any:
    """Write a SigLIP with both towers and return it with its processor."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel

    torch.manual_seed(1)
    config = SiglipConfig(vision_config=_VISION, text_config=_TEXT)
    size = {"height": SIDE_PX, "width": SIDE_PX}
    return _save(SiglipModel(config), SiglipImageProcessorPil(size=size, resample=2), folder)


def save_dinov2(folder: Path) -> Any:
    """Write a DINOv2 and return it with its processor."""
    import torch
    from transformers import BitImageProcessorPil, Dinov2Config, Dinov2Model

    torch.manual_seed(2)
    crop = {"height": SIDE_PX, "width": SIDE_PX}
    processor = BitImageProcessorPil(
        size={"shortest_edge": SIDE_PX + 2},
        crop_size=crop,
        image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    )
    return _save(Dinov2Model(Dinov2Config(**_VISION)), processor, folder)


def _save(model: Any, processor: Any, folder: Path) -> Any:
    model.eval().save_pretrained(folder)
    processor.save_pretrained(folder)
    return model, processor


def reference_features(kind: str, tower: Any, photos: list[NDArray[np.uint8]]) -> Any:
    """Return the features by transformers' own processor and class, shape [n, d]."""
    import torch
    from PIL import Image

    model, processor = tower
    pictures = [Image.fromarray(photo) for photo in photos]
    inputs = processor(images=pictures, return_tensors="pt")
    with torch.no_grad():
        if kind == "clip":
            return model.visual_projection(model.vision_model(**inputs).pooler_output).numpy()
        if kind == "siglip2":
            return model.vision_model(**inputs).pooler_output.numpy()
        return model(**inputs).last_hidden_state[:, 0].numpy()


def write_onnx_tower(folder: Path, dimension: int = 6) -> NDArray[np.float32]:
    """Write a tower in ONNX, the mean of each channel times a matrix, and return the matrix."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    matrix = np.random.default_rng(3).standard_normal((3, dimension)).astype(np.float32)
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["image_embeds"]),
    ]
    shape: tuple[str | int, ...] = ("n", 3, SIDE_PX, SIDE_PX)
    graph = helper.make_graph(
        nodes,
        "tower",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, ["n", dimension])],
        [numpy_helper.from_array(matrix, "matrix")],
    )
    folder.mkdir(parents=True, exist_ok=True)
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(
        helper.make_model(graph, opset_imports=opsets, ir_version=8),
        str(folder / "vision_model.onnx"),
    )
    (folder / "config.json").write_text(json.dumps({"model_type": "clip"}))
    about = {
        "size": {"height": SIDE_PX, "width": SIDE_PX}, "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(about))
    return matrix
