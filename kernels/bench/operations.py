"""The registry: each operation with its inputs, its providers, its floor and its check."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import geoagent_kernels as g
import rivals
import torch
from pairs import sphere

Inputs = tuple[torch.Tensor, ...]
Run = Callable[..., torch.Tensor | tuple[torch.Tensor, ...]]
"""Several results come as a tuple; the first is compared."""


@dataclass(frozen=True)
class Operation:
    """One operation; `ours` and each rival take the same inputs and return the same results."""

    name: str
    ours: Run
    plain: Run
    """Plain PyTorch: run eagerly and through torch.compile."""
    make: Callable[[Sequence[int], torch.device], Inputs]
    sizes: dict[str, list[tuple[int, ...]]]
    """Shapes by device type."""
    tolerance: float
    bytes_moved: Callable[[Inputs], int]
    instructions: Callable[[Sequence[int]], float] = lambda _: 0.0
    """Instructions of one lane, all lanes together."""
    flops: Callable[[Sequence[int]], float] = lambda _: 0.0
    single_precision: Run | None = None
    """A version in lower precision: faster than `plain`, and off or wrong where it is."""
    single_name: str = "torch.compile, textbook float32"
    single_tolerance: float | None = None
    """What it may be off by; None: as much as `ours`."""
    dry_shape: tuple[int, ...] = (64,)
    plain_fits: int = 1 << 34
    """Largest table in bytes that plain PyTorch may write."""
    plain_bytes: Callable[[Sequence[int]], int] = lambda _: 0


def operations() -> Iterator[Operation]:
    """Yield every operation but `nearest`, which has its own rivals (see search.py)."""
    io = _bytes_in_and_out
    yield Operation(
        "spatial_reward",
        g.spatial_reward,
        rivals.spatial,
        lambda shape, device: _random_points(device, shape[0], shape[0]),
        {"cpu": [(512,), (1_000_000,)], "cuda": [(512,), (1_000_000,), (100_000_000,)]},
        1e-5,
        partial(io, per_row=9),
        instructions=lambda shape: 164.0 * shape[0],
        single_precision=rivals.textbook_spatial,
    )
    yield Operation(
        "semantic_reward",
        g.semantic_reward,
        rivals.semantic,
        lambda shape, device: _random_embeddings(device, *shape),
        {"cpu": [(512, 384), (20_000, 384)], "cuda": [(512, 384), (1_000_000, 384)]},
        1e-5,
        lambda inputs: embedding_bytes(*inputs) + 5 * inputs[0].shape[0],
        single_precision=rivals.single_semantic,
        single_name="torch.compile, float32",
        dry_shape=(64, 32),
    )
    yield Operation(
        "geo_similarity_reward",
        lambda *inputs: g.geo_similarity_reward(*inputs, extra_weights=(0.5, 1.0)),
        rivals.similarity,
        _similarity_inputs,
        {"cpu": [(512, 384), (20_000, 384)], "cuda": [(512, 384), (1_000_000, 384)]},
        1e-5,
        lambda inputs: io((*inputs[:2], *inputs[4:]), 12) + embedding_bytes(*inputs[2:5]),
        dry_shape=(64, 32),
    )
    yield Operation(
        "geo_batch_reward",
        lambda *inputs: g.geo_batch_reward(*inputs).packed,
        rivals.batch,
        _batch_inputs,
        {"cpu": [(512, 512)], "cuda": [(512, 512), (1_000_000, 512)]},
        1e-3,
        lambda inputs: io((*inputs[:2], *inputs[3:]), 20) + table_bytes(*inputs[2:]),
        dry_shape=(64, 32),
    )
    yield Operation(
        "group_advantage",
        lambda rewards: g.group_advantage(rewards, 8),
        rivals.advantage,
        lambda shape, device: (torch.rand(shape[0], device=device),),
        {"cpu": [(512,), (1_000_000,)], "cuda": [(512,), (1_000_000,)]},
        1e-3,
        partial(io, per_row=4),
    )
    yield Operation(
        "expected_reward",
        g.expected_reward,
        rivals.mean_reward,
        _candidate_inputs,
        {"cpu": [(512, 64)], "cuda": [(512, 64), (100_000, 256)]},
        1e-5,
        partial(io, per_row=4),
        instructions=lambda shape: 150.0 * shape[0] * shape[1],
        dry_shape=(8, 16),
    )
    yield Operation(
        "energy_score",
        g.energy_score,
        rivals.energy,
        _candidate_inputs,
        {"cpu": [(64, 64)], "cuda": [(512, 64), (100_000, 256)]},
        0.05,
        partial(io, per_row=4),
        instructions=lambda shape: 106.0 * shape[0] * shape[1] * (shape[1] + 1) / 2,
        dry_shape=(8, 16),
        plain_bytes=lambda shape: 80 * shape[0] * shape[1] ** 2,
    )
    yield Operation(
        "geo_topk",
        lambda q, c, a, b: g.geo_topk(
            q, c, 8, query_latlon=a, corpus_latlon=b, penalty_per_km=1e-4
        ),
        rivals.topk,
        _topk_inputs,
        {"cpu": [(64, 20_000, 384)], "cuda": [(512, 144_563, 384), (512, 10_000_000, 384)]},
        1e-2,
        partial(io, per_row=96),
        flops=lambda shape: 2.0 * shape[0] * shape[1] * shape[2],
        plain_bytes=lambda shape: 80 * shape[0] * shape[1],
        single_precision=rivals.topk_in_pieces,
        single_name="torch matmul in pieces",
        single_tolerance=5e-2,
        dry_shape=(4, 200, 32),
    )


def embedding_bytes(pred: torch.Tensor, true: torch.Tensor, present: torch.Tensor) -> int:
    """Bytes of the embeddings that are read: a level behind a closed gate is not.

    Counted on the first 2**15 rows; those of a truth count once for its group.
    """
    group = pred.shape[0] // true.shape[0]
    some = min(pred.shape[0], (1 << 15) // group * group)
    p, t = pred[:some].float(), true[: some // group].float().repeat_interleave(group, 0)
    alike = torch.nn.functional.cosine_similarity(p, t, dim=2)
    second = alike[:, 0] >= 0.7
    third = second & (alike[:, 1] >= 0.5)
    there = torch.stack([(present[:some] >> level) & 1 for level in range(3)], 1).bool()
    read = torch.stack((torch.ones_like(second), second, third), 1) & there
    rows = read.sum() + read.view(-1, group, 3).any(1).sum()
    return int(rows) * pred.shape[2] * pred.element_size() * pred.shape[0] // some


def table_bytes(table: torch.Tensor, pred_ids: torch.Tensor, true_ids: torch.Tensor) -> int:
    """Bytes of the rows of a table that are read: each once, and none behind a closed gate."""
    group = pred_ids.shape[0] // true_ids.shape[0]
    read = torch.zeros(table.shape[0], dtype=torch.bool, device=table.device)
    for some in torch.arange(pred_ids.shape[0], device=table.device).split(1 << 15):
        is_open = torch.ones_like(some, dtype=torch.bool)
        for level, gate in enumerate((0.7, 0.5, 0.0)):
            one, other = pred_ids[some, level].long(), true_ids[some // group, level].long()
            is_open &= (one >= 0) & (other >= 0)
            read[one[is_open]] = read[other[is_open]] = True
            rows = table[one.clamp_min(0)].float(), table[other.clamp_min(0)].float()
            is_open &= torch.nn.functional.cosine_similarity(*rows) >= gate
    return int(read.sum()) * table.shape[1] * table.element_size()


def _bytes_in_and_out(inputs: Inputs, per_row: int) -> int:
    return sum(x.numel() * x.element_size() for x in inputs) + per_row * inputs[0].shape[0]


def _random_points(device: torch.device, *counts: int) -> Inputs:
    generator = torch.Generator().manual_seed(0)
    return tuple(sphere(count, generator).float().to(device) for count in counts)


def _random_embeddings(device: torch.device, rows: int, width: int) -> Inputs:
    """Half the rows alike enough to open every gate, groups of eight, all fields present."""
    true = torch.randn(rows // 8, 3, width, device=device)
    noise = 0.5 + 1.5 * torch.rand(rows, 1, 1, device=device)
    pred = true.repeat_interleave(8, 0) + noise * torch.randn(rows, 3, width, device=device)
    return pred, true, torch.full((rows,), 7, dtype=torch.uint8, device=device)


def _similarity_inputs(shape: Sequence[int], device: torch.device) -> Inputs:
    rows, width = shape
    return (
        *_random_points(device, rows, rows // 8),
        *_random_embeddings(device, rows, width),
        torch.rand(rows, 2, device=device),
    )


def _batch_inputs(shape: Sequence[int], device: torch.device) -> Inputs:
    """Eight answers to a prompt, 7 texts to ten answers; half the texts are the right ones."""
    rows, width = shape
    pred, true = _random_points(device, rows, rows // 8)
    texts = max(8, rows * 7 // 10)
    table = torch.randn(texts, width, device=device)
    true_ids = torch.randint(0, texts, (rows // 8, 3), device=device, dtype=torch.int32)
    other = torch.randint(0, texts, (rows, 3), device=device, dtype=torch.int32)
    right = torch.rand(rows, 3, device=device) < 0.5
    return pred, true, table, true_ids.repeat_interleave(8, 0).where(right, other), true_ids


def _candidate_inputs(shape: Sequence[int], device: torch.device) -> Inputs:
    rows, members = shape
    cand, true = _random_points(device, rows * members, rows)
    prob = torch.rand(rows, members, device=device)
    return cand.view(rows, members, 2), prob / prob.sum(1, keepdim=True), true


def _topk_inputs(shape: Sequence[int], device: torch.device) -> Inputs:
    queries, rows, width = shape
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    normal = torch.nn.functional.normalize
    query = normal(torch.randn(queries, width, device=device), dim=1).to(dtype)
    corpus = torch.cat(
        [
            normal(torch.randn(len(part), width, device=device), dim=1).to(dtype)
            for part in torch.arange(rows).split(1 << 20)
        ]
    )
    return query, corpus, *_random_points(device, queries, rows)
