"""`PlaceIndex.nearest` against what can be installed instead, with the share of wrong answers."""

from collections.abc import Iterator

import numpy as np
import rivals
import torch
from geoagent_kernels import PlaceIndex, reference
from machine import Machine, quantiles_ms
from pairs import sphere

WRONG_FROM_M = 1.0
CPU_SIZES = ((100_000, 0),)
GPU_SIZES = ((100_000, 0), (1_000_000, 0), (1_000_000, 10_000_000))
WARP_INSTRUCTIONS_PER_QUERY = 2050


def rows(machine: Machine) -> Iterator[dict[str, object]]:
    """Yield one result for each size, kind of query and provider; 0 places is the towns' table."""
    on_gpu = machine.device.type == "cuda"
    generator = torch.Generator().manual_seed(0)
    for queries, count in GPU_SIZES if on_gpu else CPU_SIZES:
        towns = torch.from_numpy(rivals.town_table())
        places = sphere(count, generator) if count else towns
        for kind in ("uniform", "near a place"):
            query = _random_queries(kind, queries, places, generator)
            yield from _compare_providers(machine, places, query, kind)


def _compare_providers(
    machine: Machine, places: torch.Tensor, query: torch.Tensor, kind: str
) -> Iterator[dict[str, object]]:
    device = machine.device
    index = PlaceIndex(places.to(device))
    here = query.to(device)
    truth = _true_chords(places, query)
    shape = f"{len(query)} queries x {len(places)} places, {kind}"
    floor = machine.floor_ms(
        12.0 * len(places) + 28.0 * len(query),
        32.0 * WARP_INSTRUCTIONS_PER_QUERY * len(query),
        0.0,
    )
    moved = {"op": "nearest", "shape": shape, "floor_ms": floor}
    ours = index.nearest(here).index[:, 0].cpu().numpy()
    yield moved | {
        "provider": "geoagent_kernels",
        "wrong_percent": _wrong_percent(places, query, ours, truth),
        "times": quantiles_ms(lambda: index.nearest(here), device),
        "queries": len(query),
    }
    if device.type == "cuda":
        on_device = places.to(device)
        found = rivals.brute_nearest(on_device, here[:2000]).cpu().numpy()
        yield moved | {
            "provider": "torch brute force on the GPU",
            "wrong_percent": _wrong_percent(places, query[:2000], found, truth[:2000]),
            "times": quantiles_ms(lambda: rivals.brute_nearest(on_device, here[:2000]), device),
            "queries": 2000,
        }
    for name, (search, most) in rivals.cpu_searches(places.numpy()).items():
        asked = query[:most].numpy()
        wrong = _wrong_percent(places, query[:most], search(asked), truth[:most])
        times = quantiles_ms(lambda ask=search, q=asked: ask(q), torch.device("cpu"))
        yield moved | {
            "provider": name,
            "wrong_percent": wrong,
            "times": times,
            "queries": len(asked),
        }


def _random_queries(
    kind: str, count: int, places: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    if kind == "uniform":
        return sphere(count, generator)
    pick = torch.randint(len(places), (count,), generator=generator)
    moved = places[pick] + 0.02 * torch.randn(count, 2, dtype=torch.float64, generator=generator)
    return moved.clamp(torch.tensor([-90.0, -180.0]), torch.tensor([90.0, 180.0]))


def _true_chords(places: torch.Tensor, query: torch.Tensor) -> np.ndarray:
    """Chord to the nearest place in float64, by a tree that is itself tested by brute force."""
    from scipy.spatial import cKDTree

    return cKDTree(rivals.unit(places.numpy())).query(rivals.unit(query.numpy()))[0]


def _wrong_percent(
    places: torch.Tensor, query: torch.Tensor, found: np.ndarray, truth: np.ndarray
) -> float:
    """Percent of answers more than a metre further than the nearest place."""
    km = reference.great_circle_km(query, places[torch.from_numpy(found)])
    true_km = 2 * reference.EARTH_RADIUS_KM * np.arcsin(np.minimum(truth / 2, 1))
    return 100 * float((km.numpy() - true_km > WRONG_FROM_M / 1000).mean())
