"""The reference against arithmetic that shares nothing with it: 50 digits, loops, known values."""

import math
from typing import Any

import mpmath
import pytest
import torch
from geoagent_kernels import reference

from tests.support.kernel_types import Globe


def exact_km(
    a: torch.Tensor, b: torch.Tensor, radius_km: float = reference.EARTH_RADIUS_KM
) -> float:
    """Angle between unit vectors by atan2(|u x v|, u.v) in 50 digits."""
    with mpmath.workdps(50):

        def vector(point: torch.Tensor) -> tuple[Any, Any, Any]:
            lat, lon = (mpmath.radians(mpmath.mpf(float(x))) for x in point)
            c = mpmath.cos(lat)
            return c * mpmath.cos(lon), c * mpmath.sin(lon), mpmath.sin(lat)

        u, v = vector(a), vector(b)
        cross = (
            u[1] * v[2] - u[2] * v[1],
            u[2] * v[0] - u[0] * v[2],
            u[0] * v[1] - u[1] * v[0],
        )
        sine = mpmath.sqrt(sum(x * x for x in cross))
        return float(mpmath.atan2(sine, sum(x * y for x, y in zip(u, v, strict=True))) * radius_km)


def test_distance_agrees_with_fifty_digits_everywhere(globe: Globe) -> None:
    a = globe(60, seed=1)
    offsets = torch.tensor([1e-9, 1e-6, 1e-3, 1.0], dtype=torch.float64).repeat(15)
    near = torch.stack((a[:, 0].abs().sub(offsets) * a[:, 0].sign(), a[:, 1]), 1)
    antipode = torch.stack((-a[:, 0], torch.where(a[:, 1] > 0, a[:, 1] - 180, a[:, 1] + 180)), 1)
    for b in (globe(60, seed=2), near, antipode, antipode + 1e-7 * torch.sign(-antipode)):
        got = reference.great_circle_km(a, b)
        exact = [exact_km(x, y) for x, y in zip(a, b, strict=True)]
        wanted = torch.tensor(exact, dtype=torch.float64)
        assert (got - wanted).abs().max() < 1e-8  # km: a hundredth of a millimetre
        table = reference.pairwise_km(a, b).diagonal()
        assert (table - wanted).abs().max() < 1e-8


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((90, 0), (90, 77), 0.0),
        ((-90, 5), (-90, -60), 0.0),
        ((0, 180), (0, -180), 0.0),
        ((12.3456789, -98.7654321), (12.3456789, -98.7654321), 0.0),
        ((90, 0), (-90, 123), math.pi * 6371.0088),
        ((0, 0), (0, 180), math.pi * 6371.0088),
        ((45, 10), (-45, -170), math.pi * 6371.0088),
        ((0, 0), (0, 90), math.pi / 2 * 6371.0088),
    ],
)
def test_exact_distances(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    points = torch.tensor([a, b], dtype=torch.float64)
    got = reference.great_circle_km(points[0], points[1]).item()
    assert got == pytest.approx(km, abs=1e-11, rel=1e-14)


def test_long_inputs_give_what_short_ones_give(globe: Globe) -> None:
    a, b = globe(reference.ROWS_PER_BLOCK + 3, 1), globe(reference.ROWS_PER_BLOCK + 3, 2)
    whole = reference.great_circle_km(a, b)
    assert torch.equal(whole[-50:], reference.great_circle_km(a[-50:], b[-50:]))
    assert torch.equal(whole[:50], reference.great_circle_km(a[:50], b[:50]))


def test_broadcast_distance(globe: Globe) -> None:
    a, b = globe(5, 1), globe(4, 2)
    table = reference.great_circle_km(a[:, None], b[None])
    for i in range(5):
        for j in range(4):
            assert table[i, j] == reference.great_circle_km(a[i], b[j])


def test_table_of_distances_knows_invalid_points(globe: Globe) -> None:
    a, b = globe(5, 1), globe(4, 2)
    a[1, 0], b[2, 1] = 90.1, math.nan
    table = reference.pairwise_km(a, b)
    assert table.shape == (5, 4)
    assert table.isnan().sum() == 4 + 5 - 1
    assert table[1].isnan().all()
    assert table[:, 2].isnan().all()


def test_energy_score_and_spread_by_loops(globe: Globe) -> None:
    points, prob = globe(7, 3), torch.rand(7, dtype=torch.float64)
    prob /= prob.sum()
    true = globe(12, 4)[11]
    d = [[exact_km(x, y) for y in points] for x in points]
    to_truth = [exact_km(x, true) for x in points]
    p = prob.tolist()
    pair = sum(p[i] * p[j] * d[i][j] for i in range(7) for j in range(7))
    wanted = sum(p[i] * to_truth[i] for i in range(7)) - pair / 2
    got = reference.energy_score(points[None], prob[None], true[None], radius_km=6371.0088)
    assert got.item() == pytest.approx(wanted, abs=1e-7)
    distinct = [d[i][j] for i in range(7) for j in range(7) if i != j]
    spread = reference.group_spread(points, 7, radius_km=6371.0088)
    assert spread.item() == pytest.approx(sum(distinct) / len(distinct), abs=1e-7)


def test_pairs_in_blocks_give_what_one_table_gives(
    globe: Globe, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, prob = globe(60, 5).view(4, 15, 2), torch.rand(4, 15, dtype=torch.float64)
    whole = reference.energy_score(points, prob, points[:, 0], radius_km=1.0)
    monkeypatch.setattr(reference, "PAIRS_PER_BLOCK", 40)
    blocks = reference.energy_score(points, prob, points[:, 0], radius_km=1.0)
    assert torch.allclose(whole, blocks, rtol=1e-13, atol=0)


def test_nearest_in_blocks_gives_what_one_table_gives(
    globe: Globe, monkeypatch: pytest.MonkeyPatch
) -> None:
    places, query = globe(50, 1), globe(40, 2)
    whole = reference.nearest(places, query, 3)
    monkeypatch.setattr(reference, "PAIRS_PER_BLOCK", 120)
    blocks = reference.nearest(places, query, 3)
    assert torch.equal(whole[0], blocks[0])
    assert torch.equal(whole[1], blocks[1])


def test_topk_in_blocks_gives_what_one_table_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    query, corpus = torch.randn(6, 9), torch.randn(80, 9)
    numbers: dict[str, Any] = {
        "query_latlon": None,
        "corpus_latlon": None,
        "penalty_per_km": 0.0,
        "radius_km": 6371.0,
    }
    scores = query.double() @ corpus.double().T
    monkeypatch.setattr(reference, "PAIRS_PER_BLOCK", 60)
    got, index = reference.geo_topk(query, corpus, 4, **numbers)
    wanted = scores.topk(4)
    assert torch.equal(index, wanted.indices)
    assert torch.equal(got, wanted.values.float())


def test_ranking_key_orders_scores_then_lower_index() -> None:
    scores = torch.tensor([-math.inf, -2.0, -0.0, 0.0, 1e-30, 3.0, math.inf])
    keys = reference.sort_key(scores, torch.arange(7))
    assert (keys[1:].sub(keys[:-1])[[0, 1, 3, 4, 5]] > 0).all()
    same = reference.sort_key(torch.ones(2), torch.tensor([3, 9]))
    assert same[0] > same[1]
    unpacked, index = reference.unpack_ranking(keys)
    assert torch.equal(unpacked, scores)
    assert index.tolist() == [-1, 1, 2, 3, 4, 5, 6]
