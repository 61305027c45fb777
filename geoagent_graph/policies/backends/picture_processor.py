"""The processor of a vision-language model, for Qwen-VL also where torchvision is missing.

The stock processor of Qwen-VL insists on a video part that needs torchvision. Pictures need only
Pillow, so without torchvision the same class is put together from its two other parts. Needs the
extra `transformers`.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

IMAGE_TOKEN: Final = "<|image_pad|>"  # noqa: S105
VIDEO_TOKEN: Final = "<|video_pad|>"  # noqa: S105


def load_processor(model: str, *, offline: bool = True) -> Any:
    """Return the processor of a model folder or, unless `offline`, of a name on the hub.

    Raises:
        OSError: there is none.
        ValueError: it is of a kind that transformers does not know.
    """
    from transformers import AutoProcessor
    from transformers.utils import is_torchvision_available

    name = None if is_torchvision_available() else _qwen_class(model, offline=offline)
    kind: Any = AutoProcessor if name is None else _pictures_only(name)
    return kind.from_pretrained(model, local_files_only=offline)


def _qwen_class(model: str, *, offline: bool) -> str | None:
    """Return the name of a Qwen-VL's processor; None for families without a video part."""
    from transformers import AutoConfig, Qwen2_5_VLProcessor

    try:
        config: Any = AutoConfig.from_pretrained(model, local_files_only=offline)
        kind, is_qwen = config.model_type, "qwen" in config.model_type
    except (OSError, ValueError):  # the folder of an adapter: a processor without a model
        stated: Any = Qwen2_5_VLProcessor.get_processor_dict(model, local_files_only=offline)
        kind = stated[0].get("processor_class") or "Qwen"
        is_qwen = "Qwen" in kind
    if not is_qwen:
        return None
    return "Qwen3VLProcessor" if "qwen3" in kind.lower() else "Qwen2_5_VLProcessor"


@cache
def _pictures_only(name: str) -> Any:
    """Return the stock class without its video part, under the stock class's name."""
    import transformers

    base: Any = getattr(transformers, name)

    class PicturesOnly(base):  # type: ignore[misc]
        # the signature of __init__ tells transformers which parts are saved and loaded
        def __init__(
            self, image_processor: Any = None, tokenizer: Any = None, chat_template: Any = None
        ) -> None:
            self.image_token, self.video_token = IMAGE_TOKEN, VIDEO_TOKEN
            self.image_token_id = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
            self.video_token_id = tokenizer.convert_tokens_to_ids(VIDEO_TOKEN)
            super(base, self).__init__(image_processor, tokenizer, chat_template=chat_template)

        def save_pretrained(self, save_directory: str | Path, *args: Any, **kwargs: Any) -> Any:
            saved = super().save_pretrained(save_directory, *args, **kwargs)
            _write_video_settings(self.image_processor, Path(save_directory))
            return saved

    # saved folders carry the class name: AutoProcessor and vLLM must find the stock class there
    PicturesOnly.__name__ = base.__name__
    return PicturesOnly


def _write_video_settings(images: Any, folder: Path) -> None:
    """Write the settings of the video part, which vLLM wants to find beside a processor."""
    settings = {
        "video_processor_type": "Qwen2VLVideoProcessor",
        "size": dict(images.size),
        "patch_size": images.patch_size,
        "temporal_patch_size": images.temporal_patch_size,
        "merge_size": images.merge_size,
        "image_mean": list(images.image_mean),
        "image_std": list(images.image_std),
    }
    path = folder / "video_preprocessor_config.json"
    path.write_text(json.dumps(settings, indent=2), encoding="utf-8")
