"""What CPU tensors run against the float64 definitions of reference.py."""

import math
from typing import Any

import pytest
import torch
from geoagent_kernels import GateReading, _cpu, reference

from tests.support.kernel_types import Globe

SCALES: dict[str, Any] = {"taus_km": (25.0, 200.0, 9000.0), "weights": (0.2, 0.5, 0.3)}


def pairs(
    globe: Globe, rows: int, group: int, dtype: torch.dtype = torch.float64
) -> tuple[torch.Tensor, torch.Tensor]:
    """Near, far, opposite and invalid points, `group` to a truth."""
    true = globe(rows // group, 1, dtype)
    pred = globe(rows, 2, dtype)
    shared = true.repeat_interleave(group, 0)
    pred[::3] = (shared[::3] + 3 * torch.randn(pred[::3].shape)).clamp(-90, 90)
    pred[1::7] = torch.stack((-shared[1::7, 0], shared[1::7, 1] - 180 * shared[1::7, 1].sign()), 1)
    broken = [math.nan, math.inf, -math.inf, 90.001, -181.0]
    for row, value in enumerate(broken):
        pred[5 * row + 2, row % 2] = value
        pred[5 * row + 3, 1] = value if abs(value) > 100 else math.nan
    true[-1, 0] = -90.5
    return pred, true


@pytest.mark.parametrize("group", [1, 8])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("block", [100, 1 << 15])
@pytest.mark.parametrize(("cutoff_km", "scales"), [(2000.0, 1), (math.inf, 1), (9000.0, 3)])
def test_spatial_reward(
    globe: Globe,
    monkeypatch: pytest.MonkeyPatch,
    group: int,
    dtype: torch.dtype,
    block: int,
    cutoff_km: float,
    scales: int,
) -> None:
    monkeypatch.setattr(_cpu, "POINTS_PER_BLOCK", block)
    numbers: dict[str, Any] = {name: values[-scales:] for name, values in SCALES.items()}
    numbers |= {"cutoff_km": cutoff_km, "radius_km": 6371.0}
    pred, true = pairs(globe, 1000, group, dtype)
    before = pred.clone(), true.clone()
    got = _cpu.spatial_reward(pred, true, **numbers)
    wanted = reference.spatial_reward(pred, true, **numbers)
    assert (got[0] - wanted[0]).abs().max() < 1e-7
    assert torch.equal(got[1].isnan(), wanted[1].isnan())
    assert torch.allclose(got[1].double(), wanted[1], rtol=1e-7, atol=1e-9, equal_nan=True)
    assert torch.equal(got[2], wanted[2])
    assert (~got[2]).sum() >= 10
    for tensor, same in zip((pred, true), before, strict=True):
        assert torch.equal(tensor.nan_to_num(), same.nan_to_num())  # work in place stays inside


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("gate", ["next_level", "zero"])
@pytest.mark.parametrize(("group", "block"), [(1, 1000), (8, 1000), (8, 1 << 20)])
def test_semantic_reward(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype, gate: GateReading, group: int, block: int
) -> None:
    monkeypatch.setattr(_cpu, "NUMBERS_PER_BLOCK", block)
    true = torch.randn(400 // group, 3, 48)
    noise = 2 * torch.rand(400, 1, 1) * torch.randn(400, 3, 48)
    pred = (true.repeat_interleave(group, 0) + noise).to(dtype)
    true = true.to(dtype)
    pred[3, 0], pred[4, 2], pred[5] = 0, math.nan, math.inf
    present = torch.randint(0, 8, (400,), dtype=torch.uint8)
    present[::2] = 7
    numbers: dict[str, Any] = {"gates": (0.7, 0.5), "weights": (0.1, 0.6, 0.3), "gate": gate}
    got = _cpu.semantic_reward(pred, true, present, **numbers)
    wanted = reference.semantic_reward(pred, true, present, **numbers)
    assert torch.equal(got.isnan(), wanted.isnan())
    assert (got - wanted).abs().nan_to_num(0.0).max() < 3e-7


def test_weighted_sum_leaves_nan_out() -> None:
    spatial, semantic, extra = (
        torch.rand(50),
        torch.rand(50, dtype=torch.float64),
        torch.rand(50, 2),
    )
    extra[::3, 0], extra[::5] = math.nan, math.nan
    numbers: dict[str, Any] = {
        "spatial_weight": 1.5,
        "semantic_weight": -1.0,
        "extra_weights": (0.5, 2.0),
    }
    got = _cpu.geo_similarity_reward(spatial, semantic, extra, **numbers)
    wanted = reference.geo_similarity_reward(spatial, semantic, extra, **numbers)
    assert (got - wanted).abs().max() < 3e-7


@pytest.mark.parametrize("group_size", [1, 2, 8, 40])
def test_group_advantage(group_size: int) -> None:
    rewards = torch.rand(80, 1).masked_fill(torch.rand(80, 1) < 0.3, math.nan)
    rewards[:8] = math.nan
    numbers: dict[str, Any] = {"weights": (1.0,), "scale": "group", "eps": 1e-4}
    got = _cpu.group_advantage(rewards, group_size, **numbers)
    assert torch.allclose(
        got, reference.group_advantage(rewards, group_size, **numbers), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("block", [100, 1 << 15])
@pytest.mark.parametrize(
    ("tau_km", "cutoff_km"), [(200.0, 2000.0), (1.0, 10.0), (5000.0, 10007.0), (20000.0, math.inf)]
)
def test_expected_reward(
    globe: Globe, monkeypatch: pytest.MonkeyPatch, block: int, tau_km: float, cutoff_km: float
) -> None:
    monkeypatch.setattr(_cpu, "POINTS_PER_BLOCK", block)
    pred, true = pairs(globe, 1000, 20)
    prob = torch.rand(50, 20) / 20
    numbers: dict[str, Any] = {"tau_km": tau_km, "cutoff_km": cutoff_km, "radius_km": 6371.0}
    got = _cpu.expected_reward(pred.view(50, 20, 2), prob, true, **numbers)
    wanted = reference.expected_reward(pred.view(50, 20, 2), prob, true, **numbers)
    assert (got - wanted).abs().max() < 3e-7
    assert got[-1] == 0


@pytest.mark.parametrize("penalty", [0.0, 1e-4, 1.0])
def test_geo_topk(globe: Globe, monkeypatch: pytest.MonkeyPatch, penalty: float) -> None:
    monkeypatch.setattr(_cpu, "SCORES_PER_BLOCK", 300)
    query, corpus = (
        torch.nn.functional.normalize(torch.randn(rows, 24), dim=1) for rows in (20, 400)
    )
    corpus[50:60] = corpus[40]
    corpus[7] = math.nan
    places = globe(20, 1), globe(400, 1)
    places[1][9, 0] = 91.0
    numbers: dict[str, Any] = {"penalty_per_km": penalty, "radius_km": 6371.0}
    numbers["query_latlon"], numbers["corpus_latlon"] = places if penalty else (None, None)
    got, index = _cpu.geo_topk(query, corpus, 12, **numbers)
    wanted, same = reference.geo_topk(query, corpus, 12, **numbers)
    assert torch.allclose(got, wanted, rtol=3e-7, atol=1e-6)
    assert (index == same).double().mean() > 0.95
