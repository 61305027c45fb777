"""The semantic reward: gates, presence and shapes, on both engines."""

import math
from collections.abc import Sequence

import pytest
import torch
from geoagent_kernels import Engine, GateReading, semantic_reward

from tests.support.kernel_types import Both

GATES, WEIGHTS = (0.7, 0.5), (0.1, 0.6, 0.3)


def batch(
    rows: int, width: int, group: int = 1, dtype: torch.dtype = torch.float32, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Embeddings of every similarity, presence bits, and which rows are clear of the gates."""
    generator = torch.Generator().manual_seed(seed)
    true = torch.randn(rows // group, 3, width, generator=generator)
    noise = torch.randn(rows, 3, width, generator=generator)
    strength = 2 * torch.rand(rows, 3, 1, generator=generator)
    pred = (true.repeat_interleave(group, 0) + noise * strength).to(dtype)
    true = true.to(dtype)
    present = torch.randint(0, 8, (rows,), dtype=torch.uint8, generator=generator)
    present[::2] = 7
    cosine = torch.cosine_similarity(
        pred.double(), true.double().repeat_interleave(group, 0), dim=-1
    )
    clear = ((cosine[:, :2] - torch.tensor(GATES)).abs() > 1e-5).all(1)
    return pred, true, present, clear


def by_hand(cosines: Sequence[float], present: int, gate: GateReading) -> float:
    """The paper's rule for one row, in plain Python."""
    total = 0.0
    for level, weight in enumerate(WEIGHTS):
        s = min(max(cosines[level], 0.0), 1.0) if present >> level & 1 else 0.0
        below = level < 2 and s < GATES[level]
        if not (below and gate == "zero"):
            total += weight * s
        if below:
            break
    return total


@pytest.mark.parametrize("gate", ["next_level", "zero"])
@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_every_combination_of_gates_and_presence(
    device: torch.device, gate: GateReading, engine: Engine
) -> None:
    cosines = [(a, b, c) for a in (0.6, 0.8) for b in (-0.4, 0.4, 0.6) for c in (-0.2, 0.9)]
    rows = [(c, present) for c in cosines for present in range(8)]
    true = torch.tensor([[[2.0, 0.0]] * 3]).repeat(len(rows), 1, 1)
    pred = torch.tensor([[[s, math.sqrt(1 - s * s)] for s in c] for c, _ in rows]) * 3
    present = torch.tensor([p for _, p in rows], dtype=torch.uint8)
    got = semantic_reward(
        pred.to(device), true.to(device), present.to(device), gate=gate, engine=engine
    )
    assert got.tolist() == pytest.approx([by_hand(*row, gate) for row in rows], abs=1e-6)


def test_a_cosine_at_the_gate_passes(device: torch.device) -> None:
    pred = torch.tensor([[[1.0, 0.0]] * 3], device=device)
    present = torch.tensor([7], dtype=torch.uint8, device=device)
    for engine in ("triton", "reference"):
        got = semantic_reward(pred, pred, present, gates=(1.0, 1.0), engine=engine)
        assert got.item() == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
@pytest.mark.parametrize(
    ("rows", "width", "group"),
    [(1, 384, 1), (63, 100, 1), (48, 384, 8), (12, 5, 3)],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("gate", ["next_level", "zero"])
def test_reward(
    both: Both, dtype: torch.dtype, rows: int, width: int, group: int, gate: GateReading
) -> None:
    pred, true, present, clear = batch(rows, width, group, dtype)
    got, wanted = both(semantic_reward, pred, true, present, gate=gate)
    assert (got - wanted).abs()[clear].max() < 1e-6


def test_many_rows(both: Both, device: torch.device) -> None:
    rows = 200 if device.type == "cpu" else 1000
    pred, true, present, clear = batch(rows, 32)
    got, wanted = both(semantic_reward, pred, true, present)
    assert (got - wanted).abs()[clear].max() < 1e-6
    assert clear.sum() > 0.99 * rows


def test_embeddings_need_not_be_normalised(both: Both) -> None:
    pred, true, present, clear = batch(40, 64)
    got, wanted = both(semantic_reward, pred * 1000, true / 1000, present)
    plain, _ = both(semantic_reward, pred, true, present)
    assert (got - plain).abs()[clear].max() < 1e-6
    assert (got - wanted).abs()[clear].max() < 1e-6


def test_zero_vectors_have_cosine_zero(both: Both) -> None:
    pred, true, present, _ = batch(6, 16)
    pred[0] = 0
    true[1, 1] = 0
    pred[2], true[2] = 0, 0
    present[:] = 7
    got, wanted = both(semantic_reward, pred, true, present, gates=(0.0, 0.0))
    assert (got - wanted).abs().max() < 1e-6
    assert got[[0, 2]].tolist() == [0.0, 0.0]


def test_closed_levels_are_not_read(both: Both) -> None:
    pred, true, present, _ = batch(8, 16)
    present[:] = 7
    pred[:, 0], true[:, 0] = torch.tensor([1.0] + [0.0] * 15), torch.tensor([0.0, 1.0] + [0.0] * 14)
    pred[:, 1:], true[:, 1:] = math.nan, math.nan  # NaN would show if anything read it
    got, wanted = both(semantic_reward, pred, true, present)
    assert got.tolist() == wanted.tolist() == [0.0] * 8
    present[:] = 0
    pred[:] = math.nan
    got, _ = both(semantic_reward, pred, true, present)
    assert got.tolist() == [0.0] * 8


@pytest.mark.filterwarnings("ignore:invalid value encountered in divide")  # inf / inf, on purpose
@pytest.mark.parametrize("gate", ["next_level", "zero"])
def test_a_broken_embedding_is_not_a_reward_of_zero(both: Both, gate: GateReading) -> None:
    pred, true, present, _ = batch(4, 16)
    present[:] = 7
    pred[1, 0, 3] = math.nan
    pred[2, 0, 3] = math.inf
    got, wanted = both(semantic_reward, pred, true, present, gate=gate)
    assert got.isnan().tolist() == wanted.isnan().tolist() == [False, True, True, False]


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_empty_batch(device: torch.device, engine: Engine) -> None:
    none = torch.zeros(0, 3, 8, device=device)
    present = torch.zeros(0, dtype=torch.uint8, device=device)
    assert semantic_reward(none, none, present, engine=engine).shape == (0,)


def test_strided_views(both: Both) -> None:
    pred, true, present, clear = batch(20, 24)
    wanted = semantic_reward(pred, true, present, engine="reference")
    wide = torch.full((40, 5, 48), math.nan)
    wide[::2, 1:4, :24] = pred
    last = true.permute(2, 0, 1).contiguous().permute(1, 2, 0)
    assert last.stride(-1) != 1
    spaced = torch.zeros(40, dtype=torch.uint8)
    spaced[::2] = present
    got, _ = both(semantic_reward, wide[::2, 1:4, :24], last, spaced[::2])
    assert (got - wanted).abs()[clear].max() < 1e-6
