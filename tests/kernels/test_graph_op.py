"""Functions inside torch.compile: one operator each, no break, the same results."""

import geoagent_kernels as g
import pytest
import torch
from geoagent_kernels import _graph_op
from geoagent_kernels._engine import Engine

ENGINE: Engine = "reference"


def call_every_function() -> list[torch.Tensor]:
    """Results of each function that is an operator, one after another."""
    pred, true = torch.rand(8, 2, dtype=torch.float64) * 60, torch.rand(2, 2) * 60
    emb, truth = torch.randn(8, 3, 5), torch.randn(2, 3, 5)
    present = torch.full((8,), 7, dtype=torch.uint8)
    ids = torch.randint(0, 6, (8, 3)), torch.randint(0, 6, (2, 3))
    cand, prob = torch.rand(8, 4, 2) * 60, torch.rand(8, 4)
    table = torch.randn(6, 5)
    scales = g.SpatialScales((9.0, 90.0), (0.5, 0.5))
    found = [
        g.great_circle_km(pred[:, None], true, engine=ENGINE),
        *g.spatial_reward(pred, true, tau_km=100.0, engine=ENGINE),
        *g.multiscale_reward(pred, true, scales=scales, engine=ENGINE),
        g.semantic_reward(emb, truth, present, gate="zero", engine=ENGINE),
        *g.geo_similarity_reward(pred, true, emb, truth, present, gates=(0.2, 0.1), engine=ENGINE),
        g.semantic_reward_by_id(table, *ids, engine=ENGINE),
        g.geo_batch_reward(pred, true, table, *ids, eps=1e-3, engine=ENGINE).packed,
        g.group_advantage(torch.rand(8, 2), 4, weights=(1.0, 2.0), engine=ENGINE),
        g.expected_reward(cand, prob, pred, engine=ENGINE),
        g.energy_score(cand, prob, pred, engine=ENGINE),
        g.group_spread(pred, 4, engine=ENGINE),
        *g.geo_topk(emb[:, 0].contiguous(), emb[:, 1].contiguous(), 3, engine=ENGINE),
    ]
    return [part * 1 for part in found]


def test_compile_breaks_no_graph() -> None:
    compiled = torch.compile(call_every_function, fullgraph=True, backend="aot_eager")
    torch.manual_seed(0)
    wanted = call_every_function()
    torch.manual_seed(0)
    for number, (got, right) in enumerate(zip(compiled(), wanted, strict=True)):
        assert got.dtype == right.dtype, number
        assert torch.equal(got.nan_to_num(), right.nan_to_num()), number


def test_opcheck_of_an_operator_of_several_results() -> None:
    pred, true = torch.rand(8, 2) * 60, torch.rand(2, 2) * 60
    operator = torch.ops.geoagent_kernels.reward_over_scales.default
    options = {"taus_km": [200.0], "weights": [1.0], "cutoff_km": 9e9, "engine": ENGINE}
    torch.library.opcheck(operator, (pred, true), options)


def test_schema_names_every_argument() -> None:
    schema = _graph_op._schema_of(g.group_advantage)
    assert schema == (
        'Tensor rewards, int group_size, *, float[]? weights=None, str scale="group", '
        'float eps=0.0001, str engine="auto"'
    )


def test_a_type_that_no_schema_holds_is_refused() -> None:
    def strange(pred: torch.Tensor, how: dict[str, int]) -> torch.Tensor:
        return pred

    with pytest.raises(TypeError, match="no type in a schema"):
        _graph_op._schema_of(strange)
