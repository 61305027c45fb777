"""Rows that start more than 2**31 elements into their storage, which is reserved, never filled."""

import numpy as np
import pytest
import torch
from geoagent_kernels import geo_topk, semantic_reward

from tests.support.kernel_types import Both


def far_apart(values: torch.Tensor, row_stride: int) -> torch.Tensor:
    """The same values as a view whose rows lie `row_stride` elements apart."""
    rows, size = values.shape[0], values[0].numel()
    storage = torch.from_numpy(np.zeros((rows - 1) * row_stride + size, dtype=np.float16))
    inner = torch.empty(values.shape[1:], device="meta").stride()
    view = storage.as_strided(values.shape, (row_stride, *inner))
    return view.copy_(values)


@pytest.fixture(autouse=True)
def _on_cpu(device: torch.device) -> None:
    if device.type != "cpu":
        pytest.skip("reserves host memory only")


@pytest.mark.parametrize("row_stride", [2**30 + 64, 2**31 + 64], ids=["int32", "int64"])
def test_semantic_reward_past_two_to_the_31(both: Both, row_stride: int) -> None:
    pred, true = torch.randn(3, 3, 8).half(), torch.randn(3, 3, 8).half()
    present = torch.full((3,), 7, dtype=torch.uint8)
    wanted = semantic_reward(pred, true, present, gates=(0.0, 0.0), engine="reference")
    view = far_apart(pred, row_stride)
    assert view.stride(0) * 2 >= 2**31
    got, _ = both(semantic_reward, view, true, present, gates=(0.0, 0.0))
    assert (got - wanted).abs().max() < 1e-6
    assert wanted[2] > 0


def test_topk_past_two_to_the_31(both: Both) -> None:
    query, corpus = torch.randn(2, 8).half(), torch.randn(3, 8).half()
    wanted = geo_topk(query, corpus, 3, engine="reference")
    got, _ = both(geo_topk, query, far_apart(corpus, 2**30 + 64), 3)
    assert torch.equal(got.index, wanted.index)
    assert (got.scores - wanted.scores).abs().max() < 1e-5
