"""The whole geographic reward in one launch, on both engines."""

import math

import pytest
import torch
from geoagent_kernels import (
    Engine,
    GateReading,
    geo_similarity_reward,
    semantic_reward,
    spatial_reward,
)

from tests.support.kernel_types import Both, Globe


def batch(globe: Globe, prompts: int, group: int, width: int = 40) -> tuple[torch.Tensor, ...]:
    true = globe(prompts, 20)
    rows = prompts * group
    offset = 2 * torch.randn(rows, 2, dtype=torch.float64)
    pred = (true.repeat_interleave(group, 0) + offset).clamp(-90, 90)
    true_emb = torch.randn(prompts, 3, width)
    strength = 1.5 * torch.rand(rows, 3, 1)
    pred_emb = true_emb.repeat_interleave(group, 0) + torch.randn(rows, 3, width) * strength
    present = torch.randint(0, 8, (rows,), dtype=torch.uint8)
    return pred, true, pred_emb, true_emb, present


@pytest.mark.parametrize(
    ("prompts", "group"), [(1, 1), (9, 7), (17, 8)], ids=lambda value: str(value)
)
@pytest.mark.parametrize("gate", ["next_level", "zero"])
def test_total_and_parts(
    both: Both, globe: Globe, prompts: int, group: int, gate: GateReading
) -> None:
    tensors = batch(globe, prompts, group)
    extra = torch.rand(prompts * group, 3)
    got, wanted = both(
        geo_similarity_reward, *tensors, extra, extra_weights=(0.5, 1.0, 1.0), gate=gate
    )
    for name, part, same in zip(got._fields, got, wanted, strict=True):
        assert (part - same).abs().max() < 1e-6, name


def test_paper_weights_add_up(both: Both, globe: Globe) -> None:
    pred, true, pred_emb, true_emb, present = batch(globe, 6, 4)
    extra = torch.rand(24, 2)
    extra[3, 1] = math.nan
    extra[4] = math.nan
    got, wanted = both(
        geo_similarity_reward,
        *(pred, true, pred_emb, true_emb, present, extra),
        extra_weights=(0.5, 1.0),
    )
    spatial = spatial_reward(pred, true, engine="reference").reward
    semantic = semantic_reward(pred_emb, true_emb, present, engine="reference")
    sum_of_terms = 1.5 * spatial + semantic + (extra * torch.tensor([0.5, 1.0])).nansum(1)
    for result in (got, wanted):
        assert (result.total - sum_of_terms).abs().max() < 2e-6
        assert (result.spatial - spatial).abs().max() < 1e-6
        assert (result.semantic - semantic).abs().max() < 1e-6


def test_without_extra_terms(both: Both, globe: Globe) -> None:
    tensors = batch(globe, 5, 3)
    got, wanted = both(geo_similarity_reward, *tensors, spatial_weight=2.0, semantic_weight=-1.0)
    assert (got.total - wanted.total).abs().max() < 1e-6
    assert (got.total - (2 * got.spatial - got.semantic)).abs().max() < 1e-6


def test_an_invalid_point_earns_only_its_words(both: Both, globe: Globe) -> None:
    tensors = batch(globe, 4, 2)
    tensors[0][3] = math.nan
    tensors[1][0] = 91.0
    got, wanted = both(geo_similarity_reward, *tensors)
    assert (got.spatial == 0).nonzero().flatten().tolist()[:3] == [0, 1, 3]
    assert (got.total - wanted.total).abs().max() < 1e-6


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16], ids=str)
def test_half_precision_embeddings(both: Both, globe: Globe, dtype: torch.dtype) -> None:
    pred, true, pred_emb, true_emb, present = batch(globe, 5, 4, 384)
    got, wanted = both(
        geo_similarity_reward, pred, true, pred_emb.to(dtype), true_emb.to(dtype), present
    )
    assert (got.total - wanted.total).abs().max() < 1e-6


def test_strided_views(both: Both, globe: Globe) -> None:
    pred, true, pred_emb, true_emb, present = batch(globe, 8, 2)
    extra = torch.rand(16, 4)
    wanted = geo_similarity_reward(
        *(pred, true, pred_emb, true_emb, present, extra[:, ::2].contiguous()),
        extra_weights=(1.0, 2.0),
        engine="reference",
    )
    wide = torch.full((16, 3, 80), math.nan)
    wide[..., :40] = pred_emb
    got, _ = both(
        geo_similarity_reward,
        *(pred.T.contiguous().T, true.repeat(1, 2)[:, 2:], wide[..., :40], true_emb, present),
        extra[:, ::2],
        extra_weights=(1.0, 2.0),
    )
    assert (got.total - wanted.total).abs().max() < 1e-6


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_empty_batch(device: torch.device, engine: Engine) -> None:
    points = torch.zeros(0, 2, device=device)
    embeddings = torch.zeros(0, 3, 8, device=device)
    present = torch.zeros(0, dtype=torch.uint8, device=device)
    result = geo_similarity_reward(points, points, embeddings, embeddings, present, engine=engine)
    assert [part.shape for part in result] == [(0,)] * 3
