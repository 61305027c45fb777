"""An image tower through transformers, in this process. Needs the extra `see`."""

import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.tower_folder import TowerFolder, TowerKind

_CLASSES: Final[dict[TowerKind, str]] = {
    "clip": "CLIPVisionModelWithProjection",
    "siglip2": "SiglipVisionModel",
    "dinov2": "Dinov2Model",
}
_LOADING = threading.Lock()  # what a library prints while it loads is switched off for all


class TransformersTower:
    """The features of one folder of weights, in single precision; on a GPU where there is one."""

    def __init__(self, tower: TowerFolder, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self._tower = tower
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = self._load_model().to(self._device).eval()

    def features(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the features, [n, d], of inputs [n, 3, height, width].

        CLIP's are projected, SigLIP's pooled by attention, DINOv2's those of the class token.

        Raises:
            ToolError: it does not take them.
        """
        import torch

        try:
            with torch.inference_mode():
                output = self._model(pixel_values=torch.from_numpy(pictures).to(self._device))
        except (RuntimeError, ValueError) as error:
            raise ToolError(f"{self._tower.folder}: {_in_one_line(error)}") from error
        found = output.image_embeds if self._tower.kind == "clip" else output.pooler_output
        return np.asarray(found.float().cpu().numpy(), np.float32)

    def _load_model(self) -> Any:
        import torch
        import transformers
        from transformers.utils import logging

        kind: Any = getattr(transformers, _CLASSES[self._tower.kind])
        with _LOADING:
            verbosity = logging.get_verbosity()
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            try:
                return kind.from_pretrained(
                    self._tower.folder,
                    dtype=torch.float32,
                    local_files_only=True,
                    use_safetensors=True,  # the other format is a pickle
                )
            except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
                raise ToolError(f"{self._tower.folder}: {_in_one_line(error)}") from error
            finally:
                logging.set_verbosity(verbosity)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
