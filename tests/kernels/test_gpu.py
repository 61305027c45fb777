"""What only a GPU can show; the other tests run there too, on the compiled kernels."""

from collections.abc import Callable

import pytest
import torch
from geoagent_kernels import (
    PlaceIndex,
    geo_batch_reward,
    geo_similarity_reward,
    geo_topk,
    great_circle_km,
    reference,
    semantic_reward,
    spatial_reward,
)
from torch.profiler import ProfilerActivity, profile

from tests.support.kernel_types import Globe

pytestmark = pytest.mark.gpu


def launches(call: Callable[[], object]) -> list[str]:
    call()
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CUDA]) as record:
        call()
        torch.cuda.synchronize()
    events = [event for event in record.events() if event.device_type.name == "CUDA"]
    return [event.name for event in events if "Memset" not in event.name]


@pytest.mark.usefixtures("plain_memory")
def test_rewards_are_one_launch_each(device: torch.device, globe: Globe) -> None:
    pred, true = globe(512, 1).to(device), globe(64, 2).to(device)
    embeddings = torch.randn(512, 3, 384, device=device), torch.randn(64, 3, 384, device=device)
    present = torch.full((512,), 7, dtype=torch.uint8, device=device)
    extra = torch.rand(512, 2, device=device)
    assert len(launches(lambda: spatial_reward(pred, true))) == 1
    assert len(launches(lambda: great_circle_km(pred, pred))) == 1
    assert len(launches(lambda: semantic_reward(*embeddings, present))) == 1
    whole = launches(
        lambda: geo_similarity_reward(
            pred, true, *embeddings, present, extra, extra_weights=(0.5, 1.0)
        )
    )
    assert len(whole) == 1
    ids = torch.randint(0, 64, (512, 3), device=device, dtype=torch.int32)
    table = embeddings[1].reshape(-1, 384)
    batch = launches(lambda: geo_batch_reward(pred, true, table, ids, ids[:64]))
    assert len(batch) == 1


@pytest.mark.usefixtures("plain_memory")
def test_memory_of_topk_does_not_grow_with_the_table(device: torch.device) -> None:
    query = torch.randn(512, 64, device=device, dtype=torch.bfloat16)

    def extra_bytes(rows: int) -> int:
        corpus = torch.randn(rows, 64, device=device, dtype=torch.bfloat16)
        geo_topk(query, corpus, 8)
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        geo_topk(query, corpus, 8)
        return torch.cuda.max_memory_allocated() - before

    assert extra_bytes(2_000_000) <= extra_bytes(200_000) + (1 << 20) < 64 << 20


def test_nearest_at_scale(device: torch.device, globe: Globe) -> None:
    places, query = globe(200_000, 1), globe(20_000, 2)
    found = PlaceIndex(places.to(device)).nearest(query.to(device)).index[:, 0].cpu()
    true = PlaceIndex(places, engine="reference").nearest(query).index[:, 0]
    excess = reference.great_circle_km(query, places[found])
    excess -= reference.great_circle_km(query, places[true])
    assert excess.max() * 1000 <= 1


@pytest.mark.usefixtures("plain_memory")
def test_more_than_two_to_the_31_coordinates(device: torch.device) -> None:
    rows = 2**30 + 1  # two coordinates each, five rows to a truth
    needed = rows * (8 + 4 + 4 + 1)
    if torch.cuda.mem_get_info()[0] < 1.2 * needed:
        pytest.skip("needs 22 GB of free GPU memory")
    a = torch.zeros(rows, 2, device=device)
    a[-1] = torch.tensor([0.0, 90.0])
    distance = spatial_reward(a, torch.zeros(rows // 5, 2, device=device)).distance_km
    assert distance[-1].item() == pytest.approx(10007.557, abs=0.02)
    assert distance[-2].item() == 0


def test_results_do_not_change_between_runs(device: torch.device, globe: Globe) -> None:
    places, query = globe(50_000, 1).to(device), globe(2_000, 2).to(device)
    index = PlaceIndex(places)
    first = index.nearest(query, 8)
    for _ in range(3):
        again = index.nearest(query, 8)
        assert torch.equal(first.index, again.index)
        assert torch.equal(first.distance_km, again.distance_km)
