"""Gated similarity of texts by id on a CPU: each pair of texts once, buffers kept between calls."""

import threading
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PAIRS_PER_BLOCK: Final = 128
"""Pairs of embeddings that are gathered at a time; they stay in a core's cache."""


class _Buffers(threading.local):
    """Memory of one thread: fresh pages would cost more than the products."""

    def __init__(self) -> None:
        self._kept: dict[torch.dtype, Tensor] = {}

    def rows(self, width: int, dtype: torch.dtype) -> Tensor:
        """Return a table [2 PAIRS_PER_BLOCK, width], whatever is in it."""
        needed = 2 * PAIRS_PER_BLOCK * width
        kept = self._kept.get(dtype)
        if kept is None or kept.numel() < needed:
            kept = self._kept[dtype] = torch.empty(needed, dtype=dtype)
        return kept[:needed].view(2 * PAIRS_PER_BLOCK, width)


_BUFFERS: Final = _Buffers()


def semantic_reward_by_id(
    table: Tensor,
    pred_ids: Tensor,
    true_ids: Tensor,
    *,
    gates: Sequence[float],
    weights: Sequence[float],
    gate: Literal["next_level", "zero"],
) -> Tensor:
    """Return the gated reward in float64, [N]; pairs of closed levels are not multiplied."""
    answers = pred_ids.numpy().astype(np.int64)
    truth = true_ids.numpy().astype(np.int64)
    count = len(answers)
    target = np.arange(count) // max(1, count // max(1, len(truth)))
    norms = _norms(table, answers, truth)
    reward = np.zeros(count)
    rows = np.arange(count)
    for level in range(3):
        alike = _similarity(table, norms, answers[rows, level], truth[target[rows], level])
        share = alike * weights[level]
        if gate == "zero" and level < 2:  # `<`, so that NaN from a broken embedding stays visible
            share[alike < gates[level]] = 0.0
        reward[rows] += share
        if level < 2:
            rows = rows[alike >= gates[level]]
    return torch.from_numpy(reward)


def _norms(table: Tensor, *ids: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the lengths of the embeddings that are named, [U]; others hold anything."""
    norms = np.empty(table.shape[0], dtype=np.float32)
    named = np.zeros(table.shape[0] + 1, dtype=bool)  # ids below 0 mark the last place
    for side in ids:
        named[np.maximum(side, -1)] = True
    used = np.flatnonzero(named[:-1])
    for start in range(0, len(used), 2 * PAIRS_PER_BLOCK):
        block = used[start : start + 2 * PAIRS_PER_BLOCK]
        (rows,) = _gather(table, block)
        # A sum of squares loses nothing that counts in float32.
        norms[block] = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    return norms


def _similarity(
    table: Tensor,
    norms: NDArray[np.float32],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.float64]:
    """[n], [n] -> [n]: cosine clipped to 0..1; 0 where a text or its length is missing."""
    alike = np.zeros(len(first))
    there = np.flatnonzero((first >= 0) & (second >= 0))
    keys = first[there] * table.shape[0] + second[there]
    distinct, place = np.unique(keys, return_inverse=True)
    one, other = np.divmod(distinct, max(1, table.shape[0]))
    dots = np.empty(len(distinct))
    for start in range(0, len(distinct), PAIRS_PER_BLOCK):
        block = slice(start, start + PAIRS_PER_BLOCK)
        pairs = _gather(table, one[block], other[block])
        # a product that cancels loses what counts in float32
        np.einsum("nd,nd->n", *pairs, dtype=np.float64, out=dots[block])
    norm = norms[one] * norms[other]
    cosines = np.divide(dots, norm, out=np.zeros(len(dots)), where=norm != 0)
    alike[there] = np.minimum(np.maximum(cosines, 0, out=cosines), 1, out=cosines)[place]
    return alike


def _gather(table: Tensor, *ids: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """Return rows of the table in float32, in memory that the next call overwrites."""
    kept = _BUFFERS.rows(table.shape[1], table.dtype)
    found, start = [], 0
    for side in ids:
        rows = kept[start : start + len(side)]
        torch.index_select(table, 0, torch.from_numpy(side), out=rows)
        found.append(rows.float().numpy())
        start += len(side)
    return found
