"""The kind of index that suits a count of photos and the memory there is."""

import pytest

from geoagent_graph.retrieval.index_plan import plan_index


@pytest.mark.parametrize(
    ("count", "memory_gb", "kind", "shards"),
    [
        (1_000, 1.5, "IndexFlat", 1),
        (100_000, 1.5, "IndexScalarQuantizer", 1),
        (1_000_000, 1.5, "IndexIVFScalarQuantizer", 1),
        (1_000_000, 0.1, "IndexIVFPQFastScan", 1),
        (10_000_000, 1.5, "IndexIVFPQFastScan", 10),
        (100_000_000, 1.5, "IndexIVFPQFastScan", 96),
    ],
)
def test_the_plan_suits_count_and_memory(
    count: int, memory_gb: float, kind: str, shards: int
) -> None:
    plan = plan_index(count, 256, 1e9 * memory_gb)
    assert (plan.kind, plan.shards) == (kind, shards)
    assert kind in plan.describe()
    assert plan.cpu_seconds > 0
