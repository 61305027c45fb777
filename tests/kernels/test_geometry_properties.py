"""Properties of the distance for any points, on both engines."""

import torch
from geoagent_kernels import Engine, great_circle_km
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
LATITUDE = st.one_of(
    st.floats(-90, 90), st.sampled_from([-90.0, -89.9999999, 0.0, 1e-7, 89.9999999, 90.0])
)
LONGITUDE = st.one_of(
    st.floats(-180, 180), st.sampled_from([-180.0, -179.9999999, 0.0, 1e-7, 179.9999999, 180.0])
)
POINTS = st.lists(st.tuples(LATITUDE, LONGITUDE), min_size=3, max_size=30)
ENGINES = st.sampled_from(["triton", "reference"])


def as_tensor(points: list[tuple[float, float]], device: torch.device) -> torch.Tensor:
    return torch.tensor(points, dtype=torch.float64, device=device)


def distance(a: torch.Tensor, b: torch.Tensor, engine: Engine) -> torch.Tensor:
    return great_circle_km(a, b, engine=engine).double()


def allowed(km: torch.Tensor) -> torch.Tensor:
    return 2e-5 + 1e-6 * km


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_symmetry_is_exact(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    b = a.roll(1, 0)
    assert torch.equal(distance(a, b, engine), distance(b, a, engine))


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_a_point_is_at_distance_zero_from_itself(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    assert (distance(a, a, engine) == 0).all()


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_triangle_inequality(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    b, c = a.roll(1, 0), a.roll(2, 0)
    detour = distance(a, b, engine) + distance(b, c, engine)
    direct = distance(a, c, engine)
    assert (direct <= detour + 3 * allowed(direct.maximum(detour))).all()


@SETTINGS
@given(points=POINTS, turn=st.floats(-180, 180), engine=ENGINES)
def test_rotation_about_the_axis_changes_nothing(
    device: torch.device, points: list[tuple[float, float]], turn: float, engine: Engine
) -> None:
    a = as_tensor(points, device)
    turned = a.clone()
    turned[:, 1] = torch.remainder(a[:, 1] + turn + 180, 360) - 180
    before = distance(a, a.roll(1, 0), engine)
    after = distance(turned, turned.roll(1, 0), engine)
    assert ((before - after).abs() <= 2 * allowed(before)).all()


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_longitude_wraps(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    east, west = a.clone(), a.clone()
    east[:, 1], west[:, 1] = 180.0, -180.0
    to_east, to_west = distance(a, east, engine), distance(a, west, engine)
    assert ((to_east - to_west).abs() <= 1e-9 * to_east + 1e-6).all()
    assert (distance(east, west, engine) < 1e-9).all()


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_mirrors_of_the_globe_change_nothing(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    before = distance(a, a.roll(1, 0), engine)
    for mirror in ((-1.0, 1.0), (1.0, -1.0)):
        b = a * a.new_tensor(mirror)
        after = distance(b, b.roll(1, 0), engine)
        assert ((before - after).abs() <= 2 * allowed(before)).all()


@SETTINGS
@given(points=POINTS, engine=ENGINES)
def test_ways_to_a_point_and_to_its_antipode_add_up_to_half_the_globe(
    device: torch.device, points: list[tuple[float, float]], engine: Engine
) -> None:
    a = as_tensor(points, device)
    b = a.roll(1, 0)
    antipode = torch.stack((-b[:, 0], torch.where(b[:, 1] > 0, b[:, 1] - 180, b[:, 1] + 180)), 1)
    half = a.new_tensor(torch.pi * 6371.0088)
    both_ways = distance(a, b, engine) + distance(a, antipode, engine)
    assert ((both_ways - half).abs() <= 2 * allowed(half)).all()
