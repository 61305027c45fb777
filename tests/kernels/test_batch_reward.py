"""Rewards, distances and advantages of a batch in one launch, on both engines."""

import math
from typing import Any

import pytest
import torch
from geoagent_kernels import (
    GateReading,
    geo_batch_reward,
    geo_similarity_reward,
    great_circle_km,
    group_advantage,
    semantic_reward,
    semantic_reward_by_id,
)

from tests.support.kernel_types import Both, Globe

ENGINES = ["triton", "reference"]


def batch(globe: Globe, prompts: int, group: int, width: int = 40) -> tuple[torch.Tensor, ...]:
    """Points, a table of texts of which some are alike, and ids, some of them missing."""
    rows = prompts * group
    true = globe(prompts, 20)
    offset = 2 * torch.randn(rows, 2, dtype=torch.float64)
    pred = (true.repeat_interleave(group, 0) + offset).clamp(-90, 90)
    base = torch.randn(5, width)
    table = base[torch.arange(30) % 5] + 0.5 * torch.randn(30, width)
    table[7] = 0.0
    ids = [torch.randint(-1, 30, (count, 3), dtype=torch.int32) for count in (rows, prompts)]
    return pred, true, table, *ids


def by_rows(table: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    return table[ids.clamp_min(0).long()]


def presence(pred_ids: torch.Tensor, true_ids: torch.Tensor) -> torch.Tensor:
    group = pred_ids.shape[0] // true_ids.shape[0]
    both = (pred_ids >= 0) & (true_ids.repeat_interleave(group, 0) >= 0)
    return (both * torch.tensor([1, 2, 4])).sum(1).to(torch.uint8)


@pytest.mark.parametrize(("prompts", "group"), [(1, 1), (9, 7), (6, 8), (2, 33), (1, 70)])
@pytest.mark.parametrize("gate", ["next_level", "zero"])
def test_equals_the_operations_it_joins(
    both: Both, globe: Globe, prompts: int, group: int, gate: GateReading
) -> None:
    pred, true, table, pred_ids, true_ids = tensors = batch(globe, prompts, group)
    pred[0] = math.nan
    extra = torch.rand(prompts * group, 2)
    extra[0, 1] = math.nan
    choice: dict[str, Any] = {"extra_weights": (0.5, 1.0), "gate": gate}
    wanted = geo_similarity_reward(
        *(pred, true, by_rows(table, pred_ids), by_rows(table, true_ids)),
        *(presence(pred_ids, true_ids), extra),
        **choice,
        engine="reference",
    )
    distance = great_circle_km(pred, true.repeat_interleave(group, 0), engine="reference")
    for got in both(geo_batch_reward, *tensors, extra, **choice):
        assert got.packed.shape == (5, prompts * group)
        assert (got.total - wanted.total).abs().max() < 1e-6
        assert (got.spatial - wanted.spatial).abs().max() < 1e-6
        assert (got.semantic - wanted.semantic).abs().max() < 1e-6
        assert torch.equal(got.distance_km.isnan(), distance.isnan())
        assert (got.distance_km - distance).nan_to_num(0).abs().max() < 0.02
        advantage = group_advantage(got.total, group, engine="reference")
        assert (got.advantage - advantage).abs().max() < 2e-5


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_texts_by_id_earn_what_their_vectors_earn(
    both: Both, globe: Globe, dtype: torch.dtype
) -> None:
    _, _, table, pred_ids, true_ids = batch(globe, 11, 3, 200)
    table = table.to(dtype)
    wanted = semantic_reward(
        *(by_rows(table, pred_ids), by_rows(table, true_ids), presence(pred_ids, true_ids)),
        engine="reference",
    )
    for ids in (true_ids, true_ids.long()):
        for got in both(semantic_reward_by_id, table, pred_ids.to(ids.dtype), ids):
            assert (got - wanted).abs().max() < 1e-6


def test_a_broken_embedding_is_seen_and_left_out_of_its_group(both: Both, globe: Globe) -> None:
    pred, true, table, pred_ids, true_ids = batch(globe, 2, 4)
    pred_ids.fill_(1)
    true_ids.fill_(1)
    table[2] = math.nan
    pred_ids[1, 0] = 2
    for got in both(geo_batch_reward, pred, true, table, pred_ids, true_ids, scale="none"):
        assert got.total.isnan().nonzero().flatten().tolist() == [1]
        assert got.advantage[1] == 0
        others = torch.tensor([0, 2, 3])
        centred = got.total[others] - got.total[others].mean()
        assert (got.advantage[others] - centred).abs().max() < 1e-6


def test_one_copy_brings_everything_back(device: torch.device, globe: Globe) -> None:
    tensors = [part.to(device) for part in batch(globe, 3, 2)]
    got = geo_batch_reward(*tensors)
    back = got.cpu()
    parts = (back.total, back.spatial, back.semantic, back.distance_km, back.advantage)
    assert {part.untyped_storage().data_ptr() for part in parts} == {
        back.packed.untyped_storage().data_ptr()
    }
    assert torch.equal(back.packed, got.packed.cpu())


@pytest.mark.parametrize("engine", ENGINES)
def test_an_empty_batch_is_empty(device: torch.device, engine: Any) -> None:
    points = torch.zeros(0, 2, device=device)
    table = torch.zeros(4, 8, device=device)
    ids = torch.zeros(0, 3, dtype=torch.int32, device=device)
    assert geo_batch_reward(points, points, table, ids, ids, engine=engine).packed.shape == (5, 0)
    assert semantic_reward_by_id(table, ids, ids, engine=engine).shape == (0,)


def test_wrong_arguments_are_named(globe: Globe) -> None:
    pred, true, table, pred_ids, true_ids = batch(globe, 2, 2)
    wrong = pred_ids.clone()
    wrong[0, 0] = 30
    for arguments, said in (
        ((pred, true, table, wrong, true_ids), "pred_ids names row 30 of 30 in table"),
        ((pred, true, table, pred_ids.short(), true_ids), "pred_ids must be int32 or int64"),
        ((pred, true, table.double(), pred_ids, true_ids), "table must be float32"),
        ((pred, true, table, pred_ids[:3], true_ids), "true_ids has 2 rows, which"),
        ((pred, true, table, pred_ids, pred_ids), "true_ids must have shape"),
    ):
        with pytest.raises(ValueError, match=said):
            geo_batch_reward(*arguments)
    with pytest.raises(ValueError, match="scale must be 'group' or 'none'"):
        geo_batch_reward(pred, true, table, pred_ids, true_ids, scale="batch")  # type: ignore[arg-type]
