"""The nearest places of a query, exact on both engines."""

import math
import sys

import pytest
import torch
from geoagent_kernels import Engine, PlaceIndex, great_circle_km, reference
from geoagent_kernels._triton import leaf_search
from geoagent_kernels.nearest import BruteSearch

from tests.support.kernel_types import Globe


def clustered(count: int, seed: int = 0) -> torch.Tensor:
    """Places as towns are: clusters, empty oceans, both sides of the date line, the poles."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.rand(max(1, count // 25), 2, dtype=torch.float64, generator=generator)
    centres = centres * torch.tensor([150.0, 360.0]) - torch.tensor([75.0, 180.0])
    pick = torch.randint(len(centres), (count,), generator=generator)
    points = centres[pick] + torch.randn(count, 2, dtype=torch.float64, generator=generator)
    points[: count // 50, 0] = 90 - points[: count // 50, 0].abs() * 1e-3
    points[:, 1] = torch.remainder(points[:, 1] + 180, 360) - 180
    return points.clamp(torch.tensor([-90.0, -180.0]), torch.tensor([90.0, 180.0]))


def excess_metres(
    places: torch.Tensor, query: torch.Tensor, found: torch.Tensor, k: int
) -> torch.Tensor:
    """How much further than the k true neighbours the found ones are, rank by rank."""
    true_km, _ = reference.nearest(places, query, k)
    found_km = reference.great_circle_km(query[:, None].expand(-1, k, 2), places[found])
    return ((found_km - true_km) * 1000).max()


@pytest.mark.parametrize("engine", ["triton", "reference"])
@pytest.mark.parametrize(
    ("count", "leaf", "k"),
    [(1, 256, 1), (63, 16, 3), (1000, 256, 1), (3000, 32, 1), (3000, 64, 8), (500, 16, 33)],
    ids=lambda value: str(value),
)
def test_exact(
    device: torch.device, globe: Globe, engine: Engine, count: int, leaf: int, k: int
) -> None:
    places = clustered(count)
    each = 6 if device.type == "cpu" and engine == "triton" else 30  # interpreted
    near = places[torch.arange(each) % count] + 0.02 * torch.randn(each, 2, dtype=torch.float64)
    query = torch.cat((globe(each, 1), near.clamp(-90, 90)))
    index = PlaceIndex(places.to(device), leaf=leaf, engine=engine)
    distance, found = (part.cpu() for part in index.nearest(query.to(device), k))
    assert excess_metres(places, query, found, k) <= 1
    assert all(len(set(row)) == k for row in found.tolist())
    exact = reference.great_circle_km(query[:, None].expand(-1, k, 2), places[found])
    assert ((distance - exact).abs() <= 2e-5 + 1e-6 * exact).all()
    assert (distance[:, 1:] >= distance[:, :-1] - 2e-5 - 1e-6 * exact[:, 1:]).all()


@pytest.mark.parametrize("engine", ["triton", "reference"])
@pytest.mark.parametrize("metres_away", [10.0, 1e6, 8e6, 19e6], ids=lambda m: f"{m:.0f}m")
def test_places_a_metre_apart_seen_from_afar(
    device: torch.device, engine: Engine, metres_away: float
) -> None:
    offsets = 1e-5 * torch.rand(400, 2, dtype=torch.float64)  # a square of 1.1 m
    places = torch.tensor([48.8, 2.3], dtype=torch.float64) + offsets
    query = torch.tensor([[48.8 - metres_away / 111195.0, 2.3]], dtype=torch.float64)
    over_the_pole = query[:, 0] < -90
    query = torch.where(
        over_the_pole[:, None],
        torch.stack((-180 - query[:, 0], query[:, 1] - 180), 1),
        query,
    )
    index = PlaceIndex(places.to(device), leaf=64, engine=engine)
    found = index.nearest(query.to(device), 3).index.cpu()
    assert excess_metres(places, query, found, 3) <= 0.01


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_places_around_the_antipode(device: torch.device, engine: Engine) -> None:
    places = torch.tensor([40.0, -30.0], dtype=torch.float64) + torch.rand(
        200, 2, dtype=torch.float64
    )
    query = torch.tensor([[-40.5, 150.5]], dtype=torch.float64)
    index = PlaceIndex(places.to(device), leaf=32, engine=engine)
    found = index.nearest(query.to(device), 1).index.cpu()
    assert excess_metres(places, query, found, 1) <= 1


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_the_date_line_and_the_poles_are_no_edges(device: torch.device, engine: Engine) -> None:
    places = torch.tensor(
        [[-16.43, 179.36], [-13.28, -176.17], [89.0, 10.0], [-89.9, -170.0]], device=device
    )
    query = torch.tensor(
        [[-16.8, -179.99], [-13.3, -176.2], [89.5, -170.0], [-89.9, 10.0]], device=device
    )
    index = PlaceIndex(places, engine=engine)
    assert index.nearest(query).index.flatten().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_more_neighbours_than_places(device: torch.device, engine: Engine) -> None:
    places = torch.tensor([[0.0, 0.0], [math.nan, 0.0], [0.0, 2.0], [0.0, 200.0]], device=device)
    index = PlaceIndex(places, engine=engine)
    assert len(index) == 4
    distance, found = index.nearest(torch.tensor([[0.0, 1.9]], device=device), 5)
    assert found.tolist() == [[2, 0, -1, -1, -1]]
    assert distance[0, :2].tolist() == pytest.approx([11.1195, 211.2702], abs=1e-3)
    assert distance[0, 2:].tolist() == [math.inf] * 3


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_invalid_queries_find_nothing(device: torch.device, globe: Globe, engine: Engine) -> None:
    index = PlaceIndex(globe(50).to(device), engine=engine)
    query = torch.tensor([[math.nan, 0.0], [10.0, 20.0], [0.0, 181.0]], device=device)
    distance, found = index.nearest(query, 2)
    assert found[[0, 2]].tolist() == [[-1, -1]] * 2
    assert distance.isnan().tolist() == [[True] * 2, [False] * 2, [True] * 2]
    assert (found[1] >= 0).all()


@pytest.mark.parametrize("engine", ["triton", "reference"])
@pytest.mark.parametrize("places", [0, 3], ids=["no-places", "only-invalid-places"])
def test_an_index_of_nothing(device: torch.device, engine: Engine, places: int) -> None:
    index = PlaceIndex(torch.full((places, 2), math.nan, device=device), engine=engine)
    distance, found = index.nearest(torch.zeros(4, 2, device=device), 2)
    assert found.tolist() == [[-1, -1]] * 4
    assert distance.tolist() == [[math.inf] * 2] * 4


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_no_queries(device: torch.device, globe: Globe, engine: Engine) -> None:
    index = PlaceIndex(globe(10).to(device), engine=engine)
    distance, found = index.nearest(torch.zeros(0, 2, device=device), 3)
    assert distance.shape == found.shape == (0, 3)


@pytest.mark.parametrize("engine", ["triton", "reference"])
def test_strided_places_and_queries(device: torch.device, globe: Globe, engine: Engine) -> None:
    places, query = globe(300, 1), globe(20, 2)
    wanted = reference.nearest(places, query, 1)[1]
    wide = places.repeat_interleave(2, 0).repeat(1, 2).to(device)
    index = PlaceIndex(wide[::2, 2:], leaf=32, engine=engine)
    found = index.nearest(query.T.contiguous().T.to(device)).index.cpu()
    same = reference.great_circle_km(query, places[found[:, 0]])
    assert (same - reference.great_circle_km(query, places[wanted[:, 0]])).abs().max() < 1e-3


def test_the_index_keeps_its_own_places(device: torch.device, globe: Globe) -> None:
    places = globe(20).to(device)
    index = PlaceIndex(places.repeat(1, 2)[:, :2], engine="triton")
    assert index.nearest(places).index.flatten()[9:].tolist() == list(range(9, 20))


def test_repeated_places_are_all_found(device: torch.device) -> None:
    places = torch.zeros(100, 2, device=device)
    found = PlaceIndex(places, leaf=16, engine="triton").nearest(places[:1], 64).index
    assert len(set(found[0].tolist())) == 64


def test_few_leaves_are_opened(device: torch.device, globe: Globe) -> None:
    places = clustered(4000)
    index = PlaceIndex(places.to(device), leaf=32, engine="triton")
    index.nearest(places[:50].to(device))
    assert isinstance(index._search, leaf_search.LeafSearch)
    assert index._search.opened.float().mean() < 8  # of 128


def test_leaves_hold_every_place_once_and_their_spheres_hold_them() -> None:
    vectors = reference.unit_vectors(clustered(1000))
    rows = leaf_search.split_in_leaves(vectors, 60)
    assert rows.shape[0] == 32
    real = rows[rows < 1000]
    assert sorted(real.tolist()) == list(range(1000))
    ids, places = leaf_search.leaf_table(vectors, rows)
    assert ids.shape[0] == places.shape[0] * places.shape[2]
    bounds = leaf_search.leaf_spheres(places).double()
    for leaf in range(32):
        inside = places[leaf].T[places[leaf, 0] != leaf_search.OUTSIDE]
        assert (inside.sub(bounds[:3, leaf]).norm(dim=1) <= bounds[3, leaf]).all()


def test_leaves_are_no_more_than_a_program_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaf_search, "MAX_LEAVES", 8)
    rows = leaf_search.split_in_leaves(reference.unit_vectors(clustered(1000)), 10)
    assert rows.shape == (8, 125)


@pytest.mark.parametrize("missing", [(), ("pykdtree",), ("pykdtree", "scipy")], ids=str)
def test_every_tree_finds_the_same_places(
    missing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, globe: Globe
) -> None:
    for package in missing:
        for name in (package, f"{package}.kdtree", f"{package}.spatial"):
            monkeypatch.setitem(sys.modules, name, None)
    places, query = clustered(40), globe(30, 1)
    index = PlaceIndex(places, engine="reference")
    assert isinstance(index._search, BruteSearch) == (len(missing) == 2)
    few = PlaceIndex(places[:3], engine="reference").nearest(query, 5)
    assert (few.index[:, 3:] == -1).all()
    assert few.distance_km[:, 3:].isinf().all()
    for k in (1, 8):
        distance, found = index.nearest(query, k)
        wanted_km, wanted = reference.nearest(places, query, k)
        assert torch.equal(found, wanted)
        assert (distance - wanted_km).abs().max() < 1e-3
        asked = query[:, None].expand(-1, k, 2)
        assert torch.equal(great_circle_km(places[wanted], asked, engine="reference"), distance)
