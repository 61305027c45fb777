"""Answers to one prompt in one sequence: the prompt once, every answer a branch behind it.

A branch begins with the last token of the prompt again, whose place every answer continues: so each
token predicts one next token, and the log-probabilities come out of one pass. A token sees the
prompt and what stands before it in its own branch, at the positions it would have alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

IGNORED_LABEL: Final = -100


@dataclass(frozen=True, slots=True)
class PackedGroup:
    """One prompt of P tokens with K answers of n_k tokens: L = P - 1 + sum(n_k) tokens."""

    ids: Any
    """[L]"""
    labels: Any
    """[L], the token that each predicts; -100 inside the prompt."""
    positions: Any
    """[3, L], for M-RoPE."""
    lengths: tuple[int, ...]
    """P - 1, then n_k."""


@dataclass(frozen=True, slots=True)
class PackedBatch:
    """G groups, padded on the right to the longest."""

    ids: Any
    """[G, L]"""
    labels: Any
    """[G, L]"""
    positions: Any
    """[3, G, L]"""
    branches: tuple[tuple[int, ...], ...]
    """Lengths of prompt and answers of each group."""


def pack_group(prompt: Any, answers: Sequence[Any], positions: Any) -> PackedGroup:
    """Return a prompt with its answers behind it.

    Args:
        prompt: [P] ids, at least one; the last is text.
        answers: ids of each, unpadded; some may be empty.
        positions: [3, P] of the prompt's tokens.
    """
    last, before = prompt[-1:], len(prompt) - 1
    runs = [torch.cat([last, answer])[:-1] for answer in answers]
    steps = torch.cat([torch.arange(len(run), device=prompt.device) for run in runs])
    return PackedGroup(
        ids=torch.cat([prompt[:-1], *runs]),
        labels=torch.cat([prompt.new_full((before,), IGNORED_LABEL), *answers]),
        positions=torch.cat([positions[:, :-1], positions[:, -1:] + steps], dim=1),
        lengths=(before, *map(len, runs)),
    )


def pack_batch(groups: Sequence[PackedGroup], padding: int) -> PackedBatch:
    """Return groups as one batch; `padding` is the id behind the shorter ones."""
    ids = _padded([group.ids for group in groups], padding)
    labels = _padded([group.labels for group in groups], IGNORED_LABEL)
    places = _padded([group.positions.T for group in groups], 0)
    branches = tuple(group.lengths for group in groups)
    return PackedBatch(ids, labels, places.permute(2, 0, 1), branches)


def unpack_scores(scores: Any, groups: Sequence[PackedGroup], width: int) -> Any:
    """Return the scores of every answer, [answers of all groups, width], zeros behind each.

    Args:
        scores: [G, L] of a packed batch.
        groups: that it was made of.
        width: of the longest answer, or more.
    """
    rows = []
    for line, group in zip(scores, groups, strict=True):
        runs = line[: len(group.ids)].split(group.lengths)
        rows += [torch.nn.functional.pad(run, (0, width - len(run))) for run in runs[1:]]
    return torch.stack(rows)


def _padded(rows: Sequence[Any], value: int) -> Any:
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=value)
