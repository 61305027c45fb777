"""Calls of every public function with awkward inputs: what the smoke test and the sanitizer run."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import geoagent_kernels as g
import torch
from pairs import sphere

Tolerance = Callable[[torch.Tensor], torch.Tensor | float]
"""What an element may be off by, from the right values."""

F32, F64 = torch.float32, torch.float64


def metres(wanted_km: torch.Tensor) -> torch.Tensor:
    """2 cm and a millionth of the distance: the bound of the README."""
    return 2e-5 + 1e-6 * wanted_km.abs()


def at_most(value: float) -> Tolerance:
    """The same for every element."""
    return lambda _: value


@dataclass(frozen=True)
class Case:
    """One call; results whose tolerance is None are not compared."""

    name: str
    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    tolerances: tuple[Tolerance | None, ...]
    options: dict[str, Any] = field(default_factory=dict)


def cases(largest: int) -> Iterator[Case]:
    """Yield every case; `largest` bounds the rows of the largest."""
    torch.manual_seed(0)
    yield from _spatial_cases(largest)
    yield from _semantic_cases(min(largest, 1000))
    yield from _batch_cases(min(largest, 64))
    yield from _advantage_cases()
    yield from _candidate_cases()
    yield from _topk_cases()
    yield from _nearest_cases(largest)


def points(count: int, seed: int, dtype: torch.dtype = F64) -> torch.Tensor:
    """[count, 2] degrees all over the globe; from 9 on some invalid, a pole, the date line."""
    latlon = sphere(count, torch.Generator().manual_seed(seed))
    if count >= 9:
        odd = [[math.nan, 0.0], [91.0, 0.0], [90.0, 77.0], [-90.0, 13.0], [0.0, 180.0]]
        latlon[:5] = torch.tensor(odd, dtype=F64)[torch.arange(5).roll(seed)]
    return latlon.to(dtype)


def _spatial_cases(largest: int) -> Iterator[Case]:
    yield Case("great_circle_km", g.great_circle_km, (points(100, 1), points(100, 2)), (metres,))
    for n, group, dtype in ((1, 1, F64), (513, 1, F64), (1000, 8, F32), (largest + 3, 1, F32)):
        inputs = points(n, 1, dtype), points(n // group, 2, dtype)
        tolerances = (at_most(1e-6), metres, at_most(0))
        yield Case(f"spatial_reward {n} G={group} {dtype}", g.spatial_reward, inputs, tolerances)
    scales = g.SpatialScales((25.0, 750.0), (0.4, 0.6))
    inputs = points(70, 1), points(70, 2)
    yield Case(
        "multiscale_reward",
        g.multiscale_reward,
        inputs,
        (at_most(1e-6), metres),
        {"scales": scales},
    )


def _embeddings(n: int, group: int, width: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    """[n, 3, width] near [n / group, 3, width], near enough for every gate in half the rows."""
    true = torch.randn(n // group, 3, width)
    noise = 0.5 + 1.5 * torch.rand(n, 1, 1)
    pred = true.repeat_interleave(group, 0) + noise * torch.randn(n, 3, width)
    return pred.to(dtype), true.to(dtype), torch.randint(0, 8, (n,), dtype=torch.uint8)


def _semantic_cases(largest: int) -> Iterator[Case]:
    shapes = ((1, 1, 8, F32), (512, 8, 384, F32), (515, 1, 100, torch.bfloat16))
    for n, group, width, dtype in (*shapes, (largest, 1, 512, torch.float16)):
        for gate in ("next_level", "zero") if width == 384 else ("next_level",):
            name, off = f"{n}x{width} G={group} {dtype} {gate}", at_most(1e-5)
            texts, how = _embeddings(n, group, width, dtype), {"gate": gate}
            yield Case(f"semantic_reward {name}", g.semantic_reward, texts, (off,), how)
            where = points(n, 1), points(n // group, 2)
            how = how | {"extra_weights": (0.5, 1.0)}
            inputs = (*where, *texts, torch.rand(n, 2))
            yield Case(f"geo_similarity {name}", g.geo_similarity_reward, inputs, (off,) * 3, how)


def _batch_cases(prompts: int) -> Iterator[Case]:
    table = torch.randn(60, 384)
    table = torch.cat((table, table + 0.6 * torch.randn(60, 384)))
    for group in (8, 1, 5, 64, 65):
        n = prompts * group
        true_ids = torch.randint(0, 60, (prompts, 3), dtype=torch.int32)
        pred_ids = true_ids.repeat_interleave(group, 0)
        pred_ids = pred_ids + 60 * torch.randint(0, 2, (n, 3), dtype=torch.int32)
        pred_ids[torch.rand(n, 3) < 0.2] = -1
        ids = table, pred_ids, true_ids
        yield Case(f"by id G={group}", g.semantic_reward_by_id, ids, (at_most(1e-5),))
        where = points(n, 1), points(prompts, 2)
        yield Case(f"geo_batch_reward G={group}", _batch, (*where, *ids), _BATCH_TOLERANCES)


_BATCH_TOLERANCES = (at_most(1e-5), at_most(1e-6), at_most(1e-5), metres, at_most(1e-2))


def _batch(*inputs: torch.Tensor, engine: g.Engine) -> tuple[torch.Tensor, ...]:
    """The five rows of a batch's rewards."""
    return tuple(g.geo_batch_reward(*inputs, engine=engine).packed)


def _advantage_cases() -> Iterator[Case]:
    for n, functions, group in ((8, 1, 8), (4096, 3, 8), (96, 1, 3), (5000, 2, 2500)):
        rewards = torch.rand(n, functions)
        rewards[torch.rand(n, functions) < 0.2] = math.nan
        for scale in ("group", "batch", "none"):
            name, how = f"group_advantage {n}x{functions} G={group} {scale}", {"scale": scale}
            yield Case(name, g.group_advantage, (rewards, group), (at_most(2e-3),), how)


def _candidate_cases() -> Iterator[Case]:
    for rows, members in ((3, 1), (64, 33), (5, 130)):
        prob = torch.rand(rows, members)
        where = points(rows * members, 3).view(rows, members, 2)
        inputs = where, prob / prob.sum(1, keepdim=True), points(rows, 4)
        name = f"{rows}x{members}"
        yield Case(f"expected_reward {name}", g.expected_reward, inputs, (at_most(1e-6),))
        yield Case(f"energy_score {name}", g.energy_score, inputs, (at_most(0.01),))
    for group in (2, 8, 50):
        yield Case(f"spread G={group}", g.group_spread, (points(400, 5), group), (at_most(0.01),))


def _topk_cases() -> Iterator[Case]:
    half, full = at_most(1e-2), at_most(1e-5)
    shapes = ((1, 1, 8, 1, F32, 0.0), (40, 3000, 33, 10, F32, 1e-4))
    shapes += ((64, 5000, 384, 8, torch.bfloat16, 1e-5), (3, 777, 64, 64, torch.float16, 0.0))
    for queries, rows, width, k, dtype, penalty in shapes:
        query, corpus = (
            torch.nn.functional.normalize(torch.randn(count, width), dim=1).to(dtype)
            for count in (queries, rows)
        )
        how: dict[str, Any] = {"k": k, "penalty_per_km": penalty}
        if penalty:
            how |= {"query_latlon": points(queries, 5), "corpus_latlon": points(rows, 6)}
        name = f"geo_topk {queries}x{rows}x{width} k={k} {dtype} penalty={penalty:g}"
        off = full if dtype == F32 else half
        yield Case(name, g.geo_topk, (query, corpus), (off,), how)


def _nearest_cases(largest: int) -> Iterator[Case]:
    for count, leaf, k in ((1, 256, 1), (500, 16, 8), (3000, 64, 33), (largest, 256, 1)):
        inputs = points(count, 7), points(500, 8)
        how = {"k": k, "leaf": leaf}
        yield Case(f"nearest of {count} k={k}", _nearest, inputs, (_a_metre_more,), how)


def _a_metre_more(wanted_km: torch.Tensor) -> torch.Tensor:
    return 1e-3 + metres(wanted_km)


def _nearest(
    places: torch.Tensor, query: torch.Tensor, *, k: int, leaf: int, engine: g.Engine
) -> torch.Tensor:
    """Distances to the k nearest places, built and asked at once."""
    return g.PlaceIndex(places, leaf=leaf, engine=engine).nearest(query, k).distance_km
