"""Attention over prompts with several answers behind them: no pair of tokens is taken in vain.

A mask over the whole sequence would do the same and compute every pair: with eight answers four
times as many as are seen, which costs a small model more than shared prompts save.
"""

from typing import Any, Final

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME: Final = "geoagent_branches"
Layout = tuple[tuple[int, ...], ...]
"""Of every group: tokens of the prompt, then those of each answer."""


def use_branch_attention(model: Any) -> None:
    """Let the language model of a Qwen-VL understand `branches`; without it nothing changes."""
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.config.get_text_config()._attn_implementation = NAME


def attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    scaling: float | None = None,
    branches: Layout | None = None,
    **options: Any,
) -> tuple[Any, None]:
    """Return the attention of a layer, [G, L, heads, width], as transformers asks for it.

    Args:
        module: the layer.
        query: [G, heads, L, width].
        key: [G, key heads, L, width].
        value: [G, key heads, L, width].
        attention_mask: of ordinary sequences.
        scaling: of the products.
        branches: how the G sequences branch; None for ordinary ones.
        options: of transformers' own function.
    """  # fmt: skip
    if branches is None:
        ordinary: tuple[Any, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return ordinary
    key, value = (repeat_kv(states, module.num_key_value_groups) for states in (key, value))
    made = [
        _attend_group(query[row], key[row], value[row], group, scaling)
        for row, group in enumerate(branches)
    ]
    return torch.stack(made), None


def _attend_group(
    query: Any, key: Any, value: Any, group: tuple[int, ...], scaling: float | None
) -> Any:
    """Return the attention of one sequence, [L, heads, width]; zeros in its padding."""
    before, lengths = group[0], group[1:]
    asked, seen, read = (states[None, :, :before] for states in (query, key, value))
    first = scaled_dot_product_attention(asked, seen, read, is_causal=True, scale=scaling)
    parts = [first[0].transpose(0, 1)]
    if any(lengths):
        parts += _attend_answers(query, key, value, group, scaling)
    padding = query.shape[1] - sum(group)
    return torch.nn.functional.pad(torch.cat(parts), (0, 0, 0, 0, 0, padding))


def _attend_answers(
    query: Any, key: Any, value: Any, group: tuple[int, ...], scaling: float | None
) -> list[Any]:
    """Return the attention of each answer to the prompt and to itself, [n, heads, width]."""
    before, lengths = group[0], group[1:]
    queries, keys, values = (_by_branch(states, group) for states in (query, key, value))
    all_keys, all_values = (
        torch.cat([states[None, :, :before].expand(len(lengths), -1, -1, -1), behind], dim=2)
        for states, behind in ((key, keys), (value, values))
    )
    longest = queries.shape[2]
    earlier = torch.ones(longest, before + longest, dtype=torch.bool, device=query.device)
    made = scaled_dot_product_attention(
        queries, all_keys, all_values, attn_mask=earlier.tril(before), scale=scaling
    ).transpose(1, 2)
    return [one[:length] for one, length in zip(made, lengths, strict=True)]


def _by_branch(states: Any, group: tuple[int, ...]) -> Any:
    """Return what stands behind the prompt, [answers, heads, longest, width], padded."""
    behind = states[:, group[0] : sum(group)].transpose(0, 1).split(group[1:])
    return torch.nn.utils.rnn.pad_sequence(list(behind), batch_first=True).transpose(1, 2)
