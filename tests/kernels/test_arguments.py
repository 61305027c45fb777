"""Every wrong argument is a ValueError that names it."""

import math
from collections.abc import Callable
from typing import Any

import geoagent_kernels as g
import pytest
import torch

POINTS = torch.zeros(6, 2)
EMBEDDINGS = torch.zeros(6, 3, 4)
PRESENT = torch.zeros(6, dtype=torch.uint8)
PROB = torch.full((6, 5), 0.2)
CANDIDATES = torch.zeros(6, 5, 2)
ROWS = torch.zeros(6, 4)


def similar(**changed: Any) -> Callable[[], object]:
    arguments = {
        "pred": POINTS,
        "true": POINTS,
        "pred_emb": EMBEDDINGS,
        "true_emb": EMBEDDINGS,
        "present": PRESENT,
    }
    return lambda: g.geo_similarity_reward(**(arguments | changed))


CASES = {
    "a half": ("a", lambda: g.great_circle_km(POINTS.half(), POINTS)),
    "b bfloat16": ("b", lambda: g.great_circle_km(POINTS, POINTS.bfloat16())),
    "a integer": ("a", lambda: g.great_circle_km(POINTS.long(), POINTS)),
    "a three columns": ("a", lambda: g.great_circle_km(torch.zeros(6, 3), POINTS)),
    "a scalar": ("a", lambda: g.great_circle_km(torch.tensor(1.0), POINTS)),
    "a list": ("a", lambda: g.great_circle_km([0.0, 0.0], POINTS)),  # type: ignore[arg-type]
    "b not broadcastable": ("b", lambda: g.great_circle_km(POINTS, torch.zeros(5, 2))),
    "radius zero": ("radius_km", lambda: g.great_circle_km(POINTS, POINTS, radius_km=0.0)),
    "radius nan": ("radius_km", lambda: g.great_circle_km(POINTS, POINTS, radius_km=math.nan)),
    "pred half": ("pred", lambda: g.spatial_reward(POINTS.half(), POINTS)),
    "pred three axes": ("pred", lambda: g.spatial_reward(CANDIDATES, POINTS)),
    "true rows": ("true", lambda: g.spatial_reward(POINTS, torch.zeros(4, 2))),
    "true empty": ("true", lambda: g.spatial_reward(POINTS, torch.zeros(0, 2))),
    "tau": ("tau_km", lambda: g.spatial_reward(POINTS, POINTS, tau_km=-1.0)),
    "tau infinite": ("tau_km", lambda: g.spatial_reward(POINTS, POINTS, tau_km=math.inf)),
    "cutoff": ("cutoff_km", lambda: g.spatial_reward(POINTS, POINTS, cutoff_km=0.0)),
    "geoscore scale": ("scale", lambda: g.geoscore(ROWS, scale="pigeon")),  # type: ignore[arg-type]
    "geoscore integer": ("distance_km", lambda: g.geoscore(ROWS.long(), scale="osv5m")),
    "scales empty": ("taus_km", lambda: g.SpatialScales((), ())),
    "scales negative": ("taus_km", lambda: g.SpatialScales((-5.0,), (1.0,))),
    "scales weights": ("weights", lambda: g.SpatialScales((5.0, 6.0), (1.0,))),
    "scales nan": ("weights", lambda: g.SpatialScales((5.0,), (math.nan,))),
    "schedule ends": (
        "end",
        lambda: g.linear_schedule(g.SpatialScales((5.0,), (1.0,)), g.SpatialScales((6.0,), (1.0,))),
    ),
    "schedule without progress": (
        "progress",
        lambda: g.multiscale_reward(POINTS, POINTS, scales=lambda p: g.SpatialScales((p,), (1.0,))),
    ),
    "embeddings double": (
        "pred",
        lambda: g.semantic_reward(EMBEDDINGS.double(), EMBEDDINGS.double(), PRESENT),
    ),
    "embeddings dtypes differ": (
        "true",
        lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS.half(), PRESENT),
    ),
    "embedding width": (
        "true",
        lambda: g.semantic_reward(EMBEDDINGS, torch.zeros(6, 3, 5), PRESENT),
    ),
    "embedding width zero": (
        "pred",
        lambda: g.semantic_reward(EMBEDDINGS[..., :0], EMBEDDINGS[..., :0], PRESENT),
    ),
    "embedding levels": (
        "pred",
        lambda: g.semantic_reward(EMBEDDINGS[:, :2], EMBEDDINGS[:, :2], PRESENT),
    ),
    "present dtype": ("present", lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS, PRESENT.int())),
    "present rows": ("present", lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS, PRESENT[:5])),
    "gates": (
        "gates",
        lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS, PRESENT, gates=(0.5,)),  # type: ignore[arg-type]
    ),
    "level weights": (
        "weights",
        lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS, PRESENT, weights=(1.0, 2.0)),  # type: ignore[arg-type]
    ),
    "gate": ("gate", lambda: g.semantic_reward(EMBEDDINGS, EMBEDDINGS, PRESENT, gate="off")),  # type: ignore[arg-type]
    "similar true": ("true", similar(true=torch.zeros(4, 2))),
    "similar pred_emb": ("pred_emb", similar(pred_emb=EMBEDDINGS.double())),
    "similar pred_emb rows": ("pred_emb", similar(pred_emb=EMBEDDINGS[:3])),
    "similar true_emb rows": ("true_emb", similar(true_emb=EMBEDDINGS[:3])),
    "similar extra rows": ("extra", similar(extra=ROWS[:5], extra_weights=(1.0,) * 4)),
    "similar extra integer": ("extra", similar(extra=ROWS.long(), extra_weights=(1.0,) * 4)),
    "similar extra weights": ("extra_weights", similar(extra=ROWS, extra_weights=(1.0,) * 3)),
    "similar extra missing": ("extra_weights", similar(extra_weights=(1.0,))),
    "similar weight": ("spatial_weight", similar(spatial_weight=math.nan)),
    "rewards integer": ("rewards", lambda: g.group_advantage(ROWS.long(), 2)),
    "rewards axes": ("rewards", lambda: g.group_advantage(CANDIDATES, 2)),
    "group size": ("group_size", lambda: g.group_advantage(ROWS, 4)),
    "group size zero": ("group_size", lambda: g.group_advantage(ROWS, 0)),
    "reward weights": ("weights", lambda: g.group_advantage(ROWS, 2, weights=(1.0,))),
    "scale": ("scale", lambda: g.group_advantage(ROWS, 2, scale="prompt")),  # type: ignore[arg-type]
    "eps": ("eps", lambda: g.group_advantage(ROWS, 2, eps=0.0)),
    "places half": ("latlon", lambda: g.PlaceIndex(POINTS.half())),
    "leaf": ("leaf", lambda: g.PlaceIndex(POINTS, leaf=0)),
    "query half": ("query", lambda: g.PlaceIndex(POINTS).nearest(POINTS.half())),
    "k zero": ("k", lambda: g.PlaceIndex(POINTS).nearest(POINTS, 0)),
    "k large": ("k", lambda: g.PlaceIndex(POINTS).nearest(POINTS, 65)),
    "query device": ("query", lambda: g.PlaceIndex(POINTS).nearest(POINTS.to("meta"))),
    "cand axes": ("cand", lambda: g.expected_reward(POINTS, PROB, POINTS)),
    "prob shape": ("prob", lambda: g.expected_reward(CANDIDATES, PROB[:, :4], POINTS)),
    "prob integer": ("prob", lambda: g.energy_score(CANDIDATES, PROB.long(), POINTS)),
    "candidate truth": ("true", lambda: g.energy_score(CANDIDATES, PROB, POINTS[:5])),
    "spread group": ("group_size", lambda: g.group_spread(POINTS, 4)),
    "topk dtype": ("query", lambda: g.geo_topk(ROWS.double(), ROWS.double(), 1)),
    "topk dtypes differ": ("corpus", lambda: g.geo_topk(ROWS, ROWS.half(), 1)),
    "topk width": ("corpus", lambda: g.geo_topk(ROWS, torch.zeros(6, 5), 1)),
    "topk k": ("k", lambda: g.geo_topk(ROWS, ROWS, 65)),
    "topk penalty": ("penalty_per_km", lambda: g.geo_topk(ROWS, ROWS, 1, penalty_per_km=-1.0)),
    "topk no positions": (
        "query_latlon",
        lambda: g.geo_topk(ROWS, ROWS, 1, penalty_per_km=0.1, corpus_latlon=POINTS),
    ),
    "topk positions": (
        "corpus_latlon",
        lambda: g.geo_topk(
            ROWS, ROWS, 1, penalty_per_km=0.1, query_latlon=POINTS, corpus_latlon=POINTS[:5]
        ),
    ),
}


@pytest.mark.parametrize(("name", "call"), CASES.values(), ids=CASES.keys())
def test_wrong_argument_is_named(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        call()
