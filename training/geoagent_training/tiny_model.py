"""A tiny random Qwen2.5-VL that is built from its configuration: no download, seconds on a CPU."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geoagent_training.processors import IMAGE_TOKEN, VIDEO_TOKEN, ImageOnlyQwenProcessor
from geoagent_training.qwen_tokenizer import cut_tokenizer


@dataclass(frozen=True, slots=True)
class TinySize:
    """Sizes of the two towers; heads of 32, the smallest that vLLM runs on a CPU."""

    hidden: int = 64
    layers: int = 2
    vision_hidden: int = 32
    vision_layers: int = 2
    max_image_tokens: int = 16


def build_tiny_model(
    folder: Path, texts: Iterable[str], *, size: TinySize | None = None, seed: int = 0
) -> Path:
    """Write a random Qwen2.5-VL with its processor to a folder and return it.

    Args:
        folder: where to write.
        texts: what the tokenizer must know; see `cut_tokenizer`.
        size: sizes of the towers.
        seed: of the random weights.
    """
    import torch
    from transformers import GenerationConfig, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
    from trl.chat_template_utils import qwen3_vl_chat_template

    size = size or TinySize()
    tokenizer = cut_tokenizer([*texts, "system user assistant tool\n"])
    ids = tokenizer.convert_tokens_to_ids
    end, blank = ids("<|im_end|>"), ids("<|endoftext|>")
    images = Qwen2VLImageProcessorPil(
        min_pixels=28 * 28, max_pixels=28 * 28 * size.max_image_tokens
    )
    # the stock template knows no tools; this one is the same text without them
    processor = ImageOnlyQwenProcessor(images, tokenizer, chat_template=qwen3_vl_chat_template)
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": (len(tokenizer) + 63) // 64 * 64,
            "hidden_size": size.hidden,
            "intermediate_size": 2 * size.hidden,
            "num_hidden_layers": size.layers,
            "num_attention_heads": size.hidden // 32,
            "num_key_value_heads": max(1, size.hidden // 64),
            "max_position_embeddings": 8192,
            "bos_token_id": blank,
            "eos_token_id": end,
            "pad_token_id": blank,
            "tie_word_embeddings": True,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [4, 6, 6],
            },
        },
        vision_config={
            "depth": size.vision_layers,
            "hidden_size": size.vision_hidden,
            "intermediate_size": 2 * size.vision_hidden,
            "num_heads": max(1, size.vision_hidden // 16),
            "in_channels": 3,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "window_size": 112,
            "out_hidden_size": size.hidden,
            "fullatt_block_indexes": [size.vision_layers - 1],
            "tokens_per_second": 2,
        },
        image_token_id=ids(IMAGE_TOKEN),
        video_token_id=ids(VIDEO_TOKEN),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(config)
    model.generation_config = GenerationConfig(
        bos_token_id=blank, eos_token_id=[end, blank], pad_token_id=blank
    )
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder
