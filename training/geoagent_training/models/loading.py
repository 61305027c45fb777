"""Qwen2.5-VL processors and the model, loaded the same way for training, export and tests."""

import json
from pathlib import Path
from typing import Any, Final

from transformers import Qwen2_5_VLProcessor
from transformers.utils import is_torchvision_available

from geoagent_training.errors import ConfigError

IMAGE_TOKEN: Final = "<|image_pad|>"  # noqa: S105
VIDEO_TOKEN: Final = "<|video_pad|>"  # noqa: S105


class ImageOnlyQwenProcessor(Qwen2_5_VLProcessor):  # type: ignore[misc]
    """Qwen2.5-VL's processor without its video part, which needs torchvision."""

    def __init__(
        self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None
    ) -> None:
        # the signature of __init__ tells transformers which parts are saved and loaded
        self.image_token, self.video_token = IMAGE_TOKEN, VIDEO_TOKEN
        self.image_token_id = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
        self.video_token_id = tokenizer.convert_tokens_to_ids(VIDEO_TOKEN)
        super(Qwen2_5_VLProcessor, self).__init__(
            image_processor, tokenizer, chat_template=chat_template
        )

    def save_pretrained(self, save_directory: str | Path, *args: Any, **kwargs: Any) -> Any:
        """Save to a folder, with the settings of the video part that vLLM wants to find there."""
        saved = super().save_pretrained(save_directory, *args, **kwargs)
        images = self.image_processor
        settings = {
            "video_processor_type": "Qwen2VLVideoProcessor",
            "size": dict(images.size),
            "patch_size": images.patch_size,
            "temporal_patch_size": images.temporal_patch_size,
            "merge_size": images.merge_size,
            "image_mean": list(images.image_mean),
            "image_std": list(images.image_std),
        }
        path = Path(save_directory) / "video_preprocessor_config.json"
        path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
        return saved


# saved folders carry the class name: AutoProcessor and vLLM must find the stock class there
ImageOnlyQwenProcessor.__name__ = "Qwen2_5_VLProcessor"


def load_processor(folder: str, max_pixels: int | None = None) -> Any:
    """Return the processor of a model, photos limited to `max_pixels`.

    Raises:
        ConfigError: there is none under this name.
    """
    try:
        if is_torchvision_available():
            from transformers import AutoProcessor

            processor = AutoProcessor.from_pretrained(folder)
        else:
            processor = ImageOnlyQwenProcessor.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {folder}: no processor can be loaded: {error}") from error
    if max_pixels is not None:
        smallest = min(int(processor.image_processor.size["shortest_edge"]), max_pixels)
        processor.image_processor.size = {"shortest_edge": smallest, "longest_edge": max_pixels}
    return processor


def load_model(folder: str, *, dtype: str) -> Any:
    """Return the vision-language model of a folder or hub name.

    Raises:
        ConfigError: there is none under this name.
    """
    from transformers import AutoModelForImageTextToText

    try:
        return AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype)
    except (OSError, ValueError) as error:
        raise ConfigError(f"model {Path(folder)}: it cannot be loaded: {error}") from error
