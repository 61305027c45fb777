"""Exact nearest neighbours: leaves of a k-d tree opened in order of their lower bound."""

import math

import torch
import triton
import triton.language as tl

from geoagent_kernels._triton.jit import kernel, launch
from geoagent_kernels.reference import unit_vectors

MAX_LEAVES = 4096
LARGEST_CHUNK = 256
OUTSIDE = 9.0
"""A coordinate, or a bound, further away than any point of the unit sphere."""


@kernel
def leaf_bounds(
    bounds: tl.tensor,
    leaves: tl.tensor,
    x: tl.tensor,
    y: tl.tensor,
    z: tl.tensor,
    LEAVES: tl.constexpr,
) -> tl.tensor:
    """Lower bound, as a chord, of the distance to every place of each leaf; 9 past the last."""
    leaf = tl.arange(0, LEAVES).to(tl.int64)
    mask = leaf < leaves
    dx = tl.load(bounds + leaf, mask=mask, other=9.0) - x
    dy = tl.load(bounds + (leaf + leaves), mask=mask, other=9.0) - y
    dz = tl.load(bounds + (leaf + leaves + leaves), mask=mask, other=9.0) - z
    radius = tl.load(bounds + (leaf + leaves + leaves + leaves), mask=mask, other=0.0)
    # 1e-6 is four times the rounding error of this chord in float32: the bound stays a bound.
    chord = tl.sqrt(dx * dx + dy * dy + dz * dz) * (1.0 - 1e-6)
    return tl.where(mask, tl.maximum(chord - radius, 0.0), 9.0)


@kernel
def leaf_search_kernel(
    query: tl.tensor,
    places: tl.tensor,
    bounds: tl.tensor,
    squared_chord: tl.tensor,
    slots: tl.tensor,
    opened: tl.tensor,
    leaves: tl.tensor,
    K: tl.constexpr,
    SLOTS: tl.constexpr,
    CHUNK: tl.constexpr,
    LEAVES: tl.constexpr,
) -> None:
    """One program a query: [n, 3] -> the K best squared chords and slots, in any order.

    `places` is [leaves, 3, SLOTS] float64, `bounds` [4, leaves] float32 (centre and radius of each
    leaf). Squared chords by differences, in float64: float32 would misorder places 1 m apart from
    about 2000 km on, and kilometres apart near the antipode. A leaf is opened only while its lower
    bound does not exceed the K-th best chord.
    """
    n = tl.program_id(0).to(tl.int64)
    x = tl.load(query + n * 3)
    y = tl.load(query + (n * 3 + 1))
    z = tl.load(query + (n * 3 + 2))
    bound = leaf_bounds(
        bounds, leaves, x.to(tl.float32), y.to(tl.float32), z.to(tl.float32), LEAVES
    )
    leaf_ids = tl.arange(0, LEAVES)
    in_chunk = tl.arange(0, CHUNK)
    rank = tl.arange(0, K)
    kept = tl.full([K], float("inf"), tl.float64)
    kept_slot = tl.full([K], -1, tl.int64)
    kth = tl.max(kept, 0)
    visits = 0
    least, leaf = tl.min(bound, 0, return_indices=True)
    while (least.to(tl.float64) * least.to(tl.float64) <= kth) & (least < 3.0):
        base = leaf.to(tl.int64) * SLOTS
        for first in range(0, SLOTS, CHUNK):
            offset = base * 3 + first + in_chunk.to(tl.int64)
            dx = tl.load(places + offset) - x
            dy = tl.load(places + (offset + SLOTS)) - y
            dz = tl.load(places + (offset + 2 * SLOTS)) - z
            d = dx * dx + dy * dy + dz * dz
            best, at = tl.min(d, 0, return_indices=True)
            while (best < kth) & (best < 5.0):  # padding lies beyond 5, places within 4
                _, last = tl.max(kept, 0, return_indices=True)
                kept = tl.where(rank == last, best, kept)
                kept_slot = tl.where(rank == last, base + first + at, kept_slot)
                kth = tl.max(kept, 0)
                d = tl.where(in_chunk == at, 9.0, d)
                best, at = tl.min(d, 0, return_indices=True)
        bound = tl.where(leaf_ids == leaf, 9.0, bound)
        least, leaf = tl.min(bound, 0, return_indices=True)
        visits += 1
    tl.store(squared_chord + (n * K + rank), kept)
    tl.store(slots + (n * K + rank), kept_slot)
    tl.store(opened + n, visits)


class LeafSearch:
    """A balanced k-d tree of unit vectors, kept as one table of leaves."""

    def __init__(self, latlon: torch.Tensor, leaf: int) -> None:
        self._device = latlon.device
        self.opened = torch.zeros(0, dtype=torch.int32, device=latlon.device)
        """Leaves that each query of the last search opened."""
        if latlon.shape[0]:
            vectors = unit_vectors(latlon)
            self._ids, self._places = leaf_table(vectors, split_in_leaves(vectors, leaf))
            self._bounds = leaf_spheres(self._places)

    def search(self, query: torch.Tensor, k: int) -> torch.Tensor:
        """[N, 2] valid degrees -> [N, k] int64 positions, nearest first, -1 where missing."""
        leaves, _, slots = self._places.shape
        width = place_slots(k)
        n = query.shape[0]
        chords = torch.empty(n, width, dtype=torch.float64, device=self._device)
        found = torch.empty(n, width, dtype=torch.int64, device=self._device)
        self.opened = torch.empty(n, dtype=torch.int32, device=self._device)
        launch(
            leaf_search_kernel,
            (n,),
            unit_vectors(query),
            self._places,
            self._bounds,
            chords,
            found,
            self.opened,
            leaves,
            K=width,
            SLOTS=slots,
            CHUNK=chunk_size(slots),
            LEAVES=max(16, triton.next_power_of_2(leaves)),
            num_warps=warps(leaves, width),
        )
        found = found.gather(1, chords.argsort(1))[:, :k]
        return self._ids[found.clamp_min(0)].where(found >= 0, -1)


def place_slots(k: int) -> int:
    """Places a program keeps for a query: few sizes, all of them in the compile gate."""
    return next(size for size in (1, 8, 64) if k <= size)


def warps(leaves: int, kept: int) -> int:
    """Warps of a query: its table of bounds stays in 32 registers, or 64 where 64 are kept."""
    return max(1, leaves // (2048 if kept == 64 else 1024))


def chunk_size(slots: int) -> int:
    """Places of a leaf looked at together."""
    return min(LARGEST_CHUNK, slots)


def split_in_leaves(vectors: torch.Tensor, leaf: int) -> torch.Tensor:
    """[M, 3] -> [L, size] int64 rows, L a power of two, M where a leaf has fewer.

    Each level halves every node at the median of its longest side, all nodes at once.
    """
    count = vectors.shape[0]
    levels = max(0, math.ceil(math.log2(count / leaf)))
    levels = min(levels, int(math.log2(MAX_LEAVES)))
    size = -(-count // (1 << levels))
    rows = torch.arange(size << levels, device=vectors.device).clamp_max(count)[None]
    padded = torch.cat((vectors, vectors.new_full((1, 3), math.inf)))
    for level in range(levels):
        rows = rows.view(1 << level, -1)
        points = padded[rows]
        highest = points.where(points.isfinite(), -math.inf).amax(1)
        axis = (highest - points.amin(1)).argmax(1)
        along = points.gather(2, axis[:, None, None].expand(-1, points.shape[1], 1)).squeeze(2)
        rows = rows.gather(1, along.argsort(1))
    return rows.view(1 << levels, size)


def leaf_table(vectors: torch.Tensor, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[M, 3], [L, size] -> row of each slot [L * slots], places [L, 3, slots], `OUTSIDE` padded."""
    count, (leaves, size) = vectors.shape[0], rows.shape
    chunk = min(LARGEST_CHUNK, triton.next_power_of_2(size))
    slots = -(-size // chunk) * chunk
    table = rows.new_full((leaves, slots), count)
    table[:, :size] = rows
    padded = torch.cat((vectors, vectors.new_full((1, 3), OUTSIDE)))
    return table.flatten(), padded[table].transpose(1, 2).contiguous()


def leaf_spheres(places: torch.Tensor) -> torch.Tensor:
    """[L, 3, slots] -> [4, L] float32: centre of each leaf and a radius that holds its places.

    The radius is rounded up by more than a query's rounding to float32. An empty leaf is a point
    outside.
    """
    used = places[:, :1] != OUTSIDE
    low = places.amin(2)
    high = places.where(used, -math.inf).amax(2)
    empty = ~used.any(2)
    centre = ((low + high) / 2).where(~empty, OUTSIDE).float()
    squares = (places - centre.double()[..., None]).square().sum(1, keepdim=True)
    radius = squares.where(used, 0.0).amax(2).sqrt() * (1 + 3e-7) + 3e-7
    return torch.cat((centre, radius.where(~empty, 0.0).float()), 1).T.contiguous()
