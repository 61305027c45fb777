"""Tiny random models of every family that can be trained, each with its own words and pictures."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from geoagent_graph.testing.tiny_model import build_tiny_model

HIDDEN: Final = 64
GEMMA_SIDE_PIXELS: Final = 56
GEMMA_TOKENS: Final = 4
GEMMA_TEMPLATE: Final = (
    "{{ bos_token }}"
    "{%- if messages[0]['role'] == 'system' -%}"
    "{%- if messages[0]['content'] is string -%}"
    "{%- set prefix = messages[0]['content'] + '\n\n' -%}"
    "{%- else -%}{%- set prefix = messages[0]['content'][0]['text'] + '\n\n' -%}{%- endif -%}"
    "{%- set turns = messages[1:] -%}"
    "{%- else -%}{%- set prefix = '' -%}{%- set turns = messages -%}{%- endif -%}"
    "{%- for turn in turns -%}"
    "{%- if (turn['role'] == 'user') != (loop.index0 % 2 == 0) -%}"
    "{{ raise_exception('user and assistant must take turns') }}{%- endif -%}"
    "{%- set role = 'model' if turn['role'] == 'assistant' else turn['role'] -%}"
    "{{ '<start_of_turn>' + role + '\n' + (prefix if loop.first else '') }}"
    "{%- if turn['content'] is string -%}{{ turn['content'] | trim }}"
    "{%- else -%}{%- for part in turn['content'] -%}"
    "{%- if part['type'] == 'image' -%}{{ '<start_of_image>' }}"
    "{%- elif part['type'] == 'text' -%}{{ part['text'] | trim }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}"
    "{{ '<end_of_turn>\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<start_of_turn>model\n' }}{%- endif -%}"
)
"""Turns as Gemma 3 has them: no system turn, its words lead the first question; `model` answers."""


def build_qwen2(folder: Path, texts: Sequence[str]) -> Path:
    """Write a random Qwen2-VL with the tokenizer of Qwen2.5; return its folder."""
    from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

    build_tiny_model(folder, texts)
    vision = {
        "depth": 2, "embed_dim": 32, "hidden_size": HIDDEN, "num_heads": 2, "mlp_ratio": 2,
        "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
    }  # fmt: skip
    shape = _qwen_shape(folder, {"mrope_section": [4, 6, 6]}) | {"vision_config": vision}
    _write_weights(folder, Qwen2VLForConditionalGeneration, Qwen2VLConfig(**shape))
    return folder


def build_qwen2_5(folder: Path, texts: Sequence[str]) -> Path:
    """Write a random Qwen2.5-VL; return its folder."""
    return build_tiny_model(folder, texts)


def build_qwen3(folder: Path, texts: Sequence[str]) -> Path:
    """Write a random Qwen3-VL, patches of 16 pixels, Qwen2.5's tokenizer; return its folder."""
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    build_tiny_model(folder, texts)
    rope = {"mrope_section": [6, 5, 5], "mrope_interleaved": True}
    vision = {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
        "in_channels": 3, "patch_size": 16, "spatial_merge_size": 2, "temporal_patch_size": 2,
        "out_hidden_size": HIDDEN, "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0, 1],
    }  # fmt: skip
    config = Qwen3VLConfig(**_qwen_shape(folder, rope) | {"vision_config": vision})
    _write_weights(folder, Qwen3VLForConditionalGeneration, config)
    path = folder / "preprocessor_config.json"
    patches = {
        "patch_size": 16, "min_pixels": 32 * 32, "max_pixels": 32 * 32 * 16,
        "processor_class": "Qwen3VLProcessor",
    }  # fmt: skip
    path.write_text(json.dumps(json.loads(path.read_text()) | patches))
    return folder


def build_gemma3(folder: Path, texts: Sequence[str]) -> Path:
    """Write a random Gemma 3, 4 tokens a picture, a tokenizer of its kind; return its folder."""
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = gemma_tokenizer(texts)
    number = tokenizer.convert_tokens_to_ids
    config = Gemma3Config(
        text_config={
            "vocab_size": (len(tokenizer) + 63) // 64 * 64, "hidden_size": HIDDEN,
            "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 32, "max_position_embeddings": 8192,
            "sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"],
            "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
            "num_attention_heads": 2, "image_size": GEMMA_SIDE_PIXELS, "patch_size": 14,
            "vision_use_head": False,
        },
        mm_tokens_per_image=GEMMA_TOKENS,
        boi_token_index=number("<start_of_image>"), eoi_token_index=number("<end_of_image>"),
        image_token_index=number("<image_soft_token>"),
        eos_token_id=[tokenizer.eos_token_id, number("<end_of_turn>")],
    )  # fmt: skip
    _write_weights(folder, Gemma3ForConditionalGeneration, config)
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(GEMMA_TEMPLATE, encoding="utf-8")
    side = {"height": GEMMA_SIDE_PIXELS, "width": GEMMA_SIDE_PIXELS}
    pictures = {
        "image_processor_type": "Gemma3ImageProcessor", "processor_class": "Gemma3Processor",
        "size": side, "do_pan_and_scan": True, "pan_and_scan_min_crop_size": 16,
        "pan_and_scan_max_num_crops": 4, "pan_and_scan_min_ratio_to_activate": 1.2,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures))
    processor = {"processor_class": "Gemma3Processor", "image_seq_length": GEMMA_TOKENS}
    (folder / "processor_config.json").write_text(json.dumps(processor))
    return folder


def gemma_tokenizer(texts: Sequence[str]) -> Any:
    """Return a tokenizer with Gemma's markers, which puts `<bos>` before whatever it is given."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, trainers
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = [
        "<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>",
        "<start_of_image>", "<end_of_image>", "<image_soft_token>",
    ]  # fmt: skip
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    all_bytes = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=[*special, *all_bytes], show_progress=False
    )
    words = [word for text in texts for word in text.replace("\n", " \n ").split(" ")]
    tokenizer.train_from_iterator([f" {word}" for word in words], trainer)
    runs = [AddedToken("\n" * count, normalized=False) for count in range(1, 5)]
    tokenizer.add_tokens(runs)
    tokenizer.post_processor = TemplateProcessing(
        single="<bos> $A", pair="<bos> $A $B", special_tokens=[("<bos>", special.index("<bos>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={
            "image_token": "<image_soft_token>",
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
        },
        padding_side="left",
    )


BUILDERS: Final[dict[str, Callable[[Path, Sequence[str]], Path]]] = {
    "qwen2_vl": build_qwen2,
    "qwen2_5_vl": build_qwen2_5,
    "qwen3_vl": build_qwen3,
    "gemma3": build_gemma3,
}
"""By the `model_type` of their configuration."""


def _qwen_shape(folder: Path, rope: dict[str, Any]) -> dict[str, Any]:
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    number = tokenizer.convert_tokens_to_ids
    end, blank = number("<|im_end|>"), number("<|endoftext|>")
    return {
        "text_config": {
            "vocab_size": (len(tokenizer) + 63) // 64 * 64, "hidden_size": HIDDEN,
            "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 32, "max_position_embeddings": 8192,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, **rope},
            "eos_token_id": end, "bos_token_id": blank, "pad_token_id": blank,
            "tie_word_embeddings": True,
        },
        "image_token_id": number("<|image_pad|>"), "video_token_id": number("<|video_pad|>"),
        "vision_start_token_id": number("<|vision_start|>"),
        "vision_end_token_id": number("<|vision_end|>"), "tie_word_embeddings": True,
    }  # fmt: skip


def _write_weights(folder: Path, kind: Any, config: Any) -> None:
    import torch
    from transformers import GenerationConfig

    torch.manual_seed(0)
    model = kind(config)
    text = config.text_config
    ends = {text.eos_token_id, *(getattr(config, "eos_token_id", None) or ())}
    model.generation_config = GenerationConfig(
        eos_token_id=sorted(ends | {text.pad_token_id}), pad_token_id=text.pad_token_id
    )
    model.save_pretrained(folder)
