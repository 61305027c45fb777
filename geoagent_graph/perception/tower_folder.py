"""A folder with the weights of an image tower: which kind it is, how long its features are."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.onnx_tower import read_output_shape
from geoagent_graph.perception.picture_input import PictureInput, read_picture_input
from geoagent_graph.regular_files import read_regular
from geoagent_graph.weights.safetensors_file import read_header
from geoagent_graph.weights.store import digest_of

TowerKind = Literal["clip", "siglip2", "dinov2"]
TENSORS: Final = "model.safetensors"
ONNX_FILES: Final = ("vision_model.onnx", "onnx/vision_model.onnx", "model.onnx", "onnx/model.onnx")
MAX_DIMENSION: Final = 8192
DIGEST_CHARS: Final = 16
"""How much of a digest names an encoder."""
_MAX_CONFIG_BYTES: Final = 1_000_000
# `model_type` of config.json, and the tensor whose first side is the length of the features.
_KINDS: Final[dict[str, TowerKind]] = {
    "clip": "clip", "clip_vision_model": "clip", "siglip": "siglip2",
    "siglip_vision_model": "siglip2", "dinov2": "dinov2",
}  # fmt: skip
_MEASURE: Final[dict[TowerKind, str]] = {
    "clip": "visual_projection.weight",
    "siglip2": "post_layernorm.weight",
    "dinov2": "layernorm.weight",
}


@dataclass(frozen=True)
class TowerFolder:
    """Weights of an image tower as they lie in a folder; nothing is loaded.

    `sha256` is the digest of the weights that was pinned when they were pulled, None where nobody
    pinned it; then the whole file is read for it.
    """

    folder: Path
    kind: TowerKind
    sha256: str | None = None

    @cached_property
    def onnx_file(self) -> Path | None:
        """The tower as ONNX, None where the folder has none."""
        return next((self.folder / n for n in ONNX_FILES if (self.folder / n).is_file()), None)

    @property
    def weights_file(self) -> Path:
        """The file that is loaded: ONNX where there is one."""
        return self.onnx_file or self.folder / TENSORS

    @cached_property
    def picture_input(self) -> PictureInput:
        """What is done to a photo first."""
        return read_picture_input(self.folder)

    @cached_property
    def encoder_id(self) -> str:
        """Name of the weights and the preprocessing."""
        pinned = self.sha256 if self.onnx_file is None else None
        digest = pinned or _digest(self.weights_file)
        return f"{self.kind}/{digest[:DIGEST_CHARS]}/{self.picture_input.digest}/v1"

    @cached_property
    def dimension(self) -> int:
        """Length of the features.

        Raises:
            ToolError: the weights cannot be read, or are not of their kind.
        """
        if self.onnx_file is not None:
            return read_output_shape(self.onnx_file)
        path, wanted = self.folder / TENSORS, _MEASURE[self.kind]
        try:
            header = read_header(path)
        except (OSError, ValueError, RecursionError) as error:
            raise ToolError(f"{path}: no sound safetensors file ({error}); pull it again") from (
                error
            )
        shapes = [
            shape
            for name, (_, shape, _, _) in header.items()
            if (name == wanted or name.endswith(f".{wanted}")) and "encoder.layer" not in name
            and not name.startswith("text_model")
        ]  # fmt: skip
        if not shapes or not 1 <= shapes[0][0] <= MAX_DIMENSION:
            raise ToolError(f"{path}: has no {wanted}, so it is no image tower of {self.kind}.")
        return shapes[0][0]

    def require_unchanged(self) -> None:
        """Refuse weights whose content is not what was pinned.

        Raises:
            ToolError: they cannot be read, or have changed.
        """
        if self.sha256 is not None and self.onnx_file is None and (
            _digest(self.weights_file) != self.sha256
        ):  # fmt: skip
            raise ToolError(
                f"{self.weights_file}: is not what was pulled; "
                f"`geoagent weights remove {self.folder.name}`, then pull it again."
            )


def find_tower(folder: Path, sha256: str | None = None) -> TowerFolder:
    """Return the tower of a folder in the Hugging Face layout.

    Raises:
        ToolError: it has no weights, or its config.json names a kind that is not known here.
    """
    path = folder / "config.json"
    try:
        config = json.loads(read_regular(path, _MAX_CONFIG_BYTES))
    except OSError as error:
        raise ToolError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ToolError(f"{path}: is no JSON") from error
    stated = config.get("model_type") if isinstance(config, dict) else None
    kind = _KINDS.get(stated) if isinstance(stated, str) else None
    if kind is None:
        raise ToolError(f"{path}: model_type is {stated!r:.60}; known are {', '.join(_KINDS)}")
    tower = TowerFolder(folder, kind, sha256)
    if not tower.weights_file.is_file():
        raise ToolError(f"{folder}: has neither {TENSORS} nor {ONNX_FILES[0]}")
    return tower


def _digest(path: Path) -> str:
    try:
        return digest_of(path)
    except OSError as error:
        raise ToolError(f"{path}: cannot be read ({error.strerror})") from error
