"""Distances and the spatial rewards, on both engines."""

import math

import pytest
import torch
from geoagent_kernels import (
    Engine,
    SpatialScales,
    geoscore,
    great_circle_km,
    linear_schedule,
    multiscale_reward,
    spatial_reward,
)
from geoagent_kernels._triton import spatial

from tests.support.kernel_types import Both, DistanceCheck, Globe

SIZES = [1, 63, 1000]
HALF_TURN_KM = math.pi * 6371.0088
SCALES = SpatialScales((25.0, 200.0, 2000.0), (0.2, 0.5, 0.3))


@pytest.mark.parametrize("count", SIZES, ids=lambda n: f"N{n}")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["fp32", "fp64"])
def test_distance(
    both: Both, globe: Globe, assert_distances: DistanceCheck, count: int, dtype: torch.dtype
) -> None:
    a, b = globe(count, 1, dtype), globe(count, 2, dtype).flip(0)
    assert_distances(*both(great_circle_km, a, b))


def test_distance_of_a_million_and_three(
    both: Both,
    globe: Globe,
    assert_distances: DistanceCheck,
    device: torch.device,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if device.type == "cpu":
        monkeypatch.setattr(spatial, "BLOCK", 1 << 16)  # the interpreter's time is in the blocks
    count = 2**20 + 3
    a, b = globe(count, 1, torch.float32), globe(count, 2, torch.float32)
    assert_distances(*both(great_circle_km, a, b))


@pytest.mark.parametrize(
    "metres", [0.0, 0.01, 1.0, 100.0, 1e4, 1e6], ids=lambda metres: f"{metres}m"
)
@pytest.mark.parametrize("around", ["itself", "antipode"])
def test_close_and_opposite_points(
    both: Both, globe: Globe, assert_distances: DistanceCheck, metres: float, around: str
) -> None:
    a = globe(500, 3)
    degrees = metres / 111195.0
    b = torch.stack((a[:, 0] - degrees * a[:, 0].sign(), a[:, 1]), 1)
    if around == "antipode":
        b = torch.stack((-b[:, 0], torch.where(b[:, 1] > 0, b[:, 1] - 180, b[:, 1] + 180)), 1)
    assert_distances(*both(great_circle_km, a, b))


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((90, 0), (90, 77), 0.0),
        ((-90, 5), (-90, -60), 0.0),
        ((0, 180), (0, -180), 0.0),
        ((12.3456789, -98.7654321), (12.3456789, -98.7654321), 0.0),
        ((90, 0), (-90, 123), HALF_TURN_KM),
        ((0, 0), (0, 180), HALF_TURN_KM),
        ((45, 10), (-45, -170), HALF_TURN_KM),
    ],
)
def test_exact_distances(
    device: torch.device, a: tuple[float, float], b: tuple[float, float], km: float
) -> None:
    points = torch.tensor([[a], [b]], dtype=torch.float64, device=device)
    got = great_circle_km(points[0], points[1], engine="triton").item()
    assert got == pytest.approx(km, abs=0, rel=1e-6)


def test_two_sides_of_the_date_line_are_metres_apart(both: Both) -> None:
    a = torch.tensor([[10.0, 179.99999], [-60.0, -179.999999]], dtype=torch.float64)
    b = torch.tensor([[10.0, -179.99999], [-60.0, 179.999999]], dtype=torch.float64)
    got, wanted = both(great_circle_km, a, b)
    assert (got < 0.003).all()
    assert (got - wanted).abs().max() < 2e-5


INVALID = [
    (math.nan, 0.0),
    (0.0, math.nan),
    (math.inf, 0.0),
    (0.0, -math.inf),
    (90.0001, 0.0),
    (-91.0, 0.0),
    (0.0, 180.0001),
    (0.0, -181.0),
]


@pytest.mark.parametrize("engine", ["triton", "reference"])
@pytest.mark.parametrize("bad", INVALID, ids=str)
def test_invalid_points(device: torch.device, engine: Engine, bad: tuple[float, float]) -> None:
    points = torch.tensor([[1.0, 2.0], bad, [3.0, 4.0]], dtype=torch.float64, device=device)
    good = torch.zeros(3, 2, dtype=torch.float64, device=device)
    for pair in ((points, good), (good, points)):
        result = spatial_reward(*pair, engine=engine)
        assert result.valid.tolist() == [True, False, True]
        assert result.distance_km.isnan().tolist() == [False, True, False]
        assert result.reward[1] == 0
        assert (result.reward[[0, 2]] > 0).all()
        assert great_circle_km(*pair, engine=engine).isnan().tolist() == [False, True, False]
        wide = multiscale_reward(*pair, scales=SCALES, engine=engine)
        assert wide.reward[1] == 0


def test_the_edges_of_the_globe_are_valid(both: Both) -> None:
    edges = torch.tensor([[90.0, 180.0], [-90.0, -180.0], [0.0, 180.0], [-0.0, -180.0]])
    got, wanted = both(spatial_reward, edges, edges)
    assert got.valid.all()
    assert wanted.valid.all()
    assert got.reward.tolist() == [1.0] * 4


@pytest.mark.parametrize("count", SIZES, ids=lambda n: f"N{n}")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["fp32", "fp64"])
def test_reward(
    both: Both, globe: Globe, assert_distances: DistanceCheck, count: int, dtype: torch.dtype
) -> None:
    true = globe(count, 4, dtype)
    pred = (true + 5 * torch.randn(count, 2)).clamp(-90, 90).to(dtype)
    got, wanted = both(spatial_reward, pred, true)
    assert_distances(got.distance_km, wanted.distance_km)
    clear = (wanted.distance_km - 2000).abs() > 0.1
    assert (got.reward - wanted.reward).abs()[clear].max() < 1e-6
    assert torch.equal(got.valid, wanted.valid)


def test_reward_is_the_papers_formula(device: torch.device) -> None:
    pred = torch.tensor([[0.0, 0.0], [0.0, 17.0], [0.0, 19.0]], dtype=torch.float64, device=device)
    result = spatial_reward(pred, torch.zeros_like(pred), radius_km=6371.0, engine="triton")
    degree = math.pi * 6371 / 180
    wanted = [1.0, math.exp(-17 * degree / 200), 0.0]  # 19 degrees are 2113 km: over the cut-off
    assert result.reward.tolist() == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_reward_is_zero_from_the_cutoff_on(device: torch.device, engine: Engine) -> None:
    pred = torch.tensor([[0.0, 90.0]], dtype=torch.float64, device=device)
    quarter = 10007.5570  # km; a quarter of the globe is 10,007.5572
    at = spatial_reward(pred, torch.zeros_like(pred), cutoff_km=quarter, tau_km=1e4, engine=engine)
    over = spatial_reward(
        pred, torch.zeros_like(pred), cutoff_km=quarter + 0.02, tau_km=1e4, engine=engine
    )
    none = spatial_reward(
        pred, torch.zeros_like(pred), cutoff_km=math.inf, tau_km=1e4, engine=engine
    )
    assert at.reward.item() == 0
    assert over.reward.item() == none.reward.item() > 0.3


@pytest.mark.parametrize("group", [2, 3, 8])
def test_completions_share_a_truth(both: Both, globe: Globe, group: int) -> None:
    pred, true = globe(24, 5), globe(24 // group, 6)
    got, wanted = both(spatial_reward, pred, true, tau_km=5000.0, cutoff_km=math.inf)
    repeated = spatial_reward(
        pred,
        true.repeat_interleave(group, 0),
        tau_km=5000.0,
        cutoff_km=math.inf,
        engine="reference",
    )
    assert (got.reward - repeated.reward).abs().max() < 1e-6
    assert torch.equal(wanted.reward, repeated.reward)


def test_multiscale_reward(both: Both, globe: Globe) -> None:
    pred, true = globe(300, 7), globe(300, 8)
    got, wanted = both(multiscale_reward, pred, true, scales=SCALES)
    assert (got.reward - wanted.reward).abs().max() < 1e-6
    distance = wanted.distance_km.double()
    terms = zip(SCALES.weights, SCALES.taus_km, strict=True)
    formula = sum(weight * torch.exp(-distance / tau) for weight, tau in terms)
    assert (wanted.reward - formula).abs().max() < 1e-6


def test_one_scale_is_the_spatial_reward(both: Both, globe: Globe) -> None:
    pred, true = globe(100, 9), globe(100, 10)
    one = SpatialScales((200.0,), (1.0,))
    got, _ = both(multiscale_reward, pred, true, scales=one, cutoff_km=2000.0)
    assert torch.equal(got.reward, both(spatial_reward, pred, true)[0].reward)


def test_schedule_moves_from_start_to_end(globe: Globe) -> None:
    start = SpatialScales((25.0, 2000.0), (0.0, 1.0))
    end = SpatialScales((25.0, 2000.0), (1.0, 0.0))
    schedule = linear_schedule(start, end)
    assert schedule(0.0) == start
    assert schedule(1.0) == end
    assert schedule(0.25).weights == pytest.approx((0.25, 0.75))
    pred, true = globe(20, 11), globe(20, 12)
    midway = multiscale_reward(pred, true, scales=schedule, progress=0.5).reward
    fixed = multiscale_reward(pred, true, scales=SpatialScales((25.0, 2000.0), (0.5, 0.5))).reward
    assert torch.equal(midway, fixed)


def test_schedule_can_be_any_function_of_progress(globe: Globe) -> None:
    pred, true = globe(20, 11), globe(20, 12)
    seen = []

    def schedule(progress: float) -> SpatialScales:
        seen.append(progress)
        return SCALES

    multiscale_reward(pred, true, scales=schedule, progress=0.3)
    assert seen == [0.3]


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_empty_batches(device: torch.device, engine: Engine) -> None:
    none = torch.zeros(0, 2, device=device)
    assert great_circle_km(none, none, engine=engine).shape == (0,)
    result = spatial_reward(none, none, engine=engine)
    assert [part.shape for part in result] == [(0,)] * 3


def test_strided_and_broadcast_views(
    both: Both, globe: Globe, assert_distances: DistanceCheck
) -> None:
    wide = globe(64, 13).repeat(1, 3)
    a, b = wide[::2, 2:4], wide[1::2, 4:6]
    assert not a.is_contiguous()
    assert not b.is_contiguous()
    wanted = great_circle_km(a.contiguous(), b.contiguous(), engine="reference")
    got, view = both(great_circle_km, a, b)
    assert_distances(got, wanted)
    assert torch.allclose(view, wanted, rtol=1e-6, atol=0)
    assert_distances(both(spatial_reward, a, b)[0].distance_km, wanted)
    columns = globe(64, 14).T.contiguous().T
    assert_distances(*both(great_circle_km, columns[:, None], b[None, :5]))


def test_float32_degrees_are_the_points_they_round_to(
    both: Both, globe: Globe, assert_distances: DistanceCheck
) -> None:
    a, b = globe(200, 15), globe(200, 16)
    got, _ = both(great_circle_km, a.float(), b.float())
    wanted = great_circle_km(a.float().double(), b.float().double(), engine="reference")
    assert_distances(got, wanted)


def test_mixed_float_types(both: Both, globe: Globe, assert_distances: DistanceCheck) -> None:
    a, b = globe(50, 1), globe(50, 2, torch.float32)
    assert_distances(*both(great_circle_km, a, b))


def test_geoscores_at_750_km_are_the_published_ones() -> None:
    distance = torch.tensor([0.0, 750.0, math.nan, -1.0, math.inf])
    osv5m = geoscore(distance, scale="osv5m").tolist()
    geoagent = geoscore(distance, scale="geoagent").tolist()
    assert osv5m == pytest.approx([5000.0, 5000 * math.exp(-750 / 1492.7), 0.0, 0.0, 0.0])
    assert geoagent == pytest.approx([5000.0, 5000 * math.exp(-7500 / 18050), 0.0, 0.0, 0.0])
    assert (round(osv5m[1]), round(geoagent[1])) == (3025, 3300)


def test_rewards_carry_no_gradient(globe: Globe) -> None:
    pred = globe(5).requires_grad_()
    assert not spatial_reward(pred, globe(5)).reward.requires_grad
