"""Exact nearest places on the sphere, never an N x M array."""

from typing import NamedTuple, Protocol

import torch

from geoagent_kernels import reference
from geoagent_kernels._checks import check_coordinates, check_neighbours, check_positive
from geoagent_kernels._engine import Engine, uses_triton
from geoagent_kernels.reference import EARTH_RADIUS_KM
from geoagent_kernels.spatial import great_circle_km

LARGEST_K = 64
MAX_PLACES = 2**31 - 1


class Nearest(NamedTuple):
    """The k nearest places of each query, nearest first."""

    distance_km: torch.Tensor
    """[N, k] float32; inf where there are fewer than k places, NaN for an invalid query."""
    index: torch.Tensor  # type: ignore[assignment]  # hides tuple.index
    """[N, k] int64 rows of the indexed places; -1 where there is none."""


class PlaceSearch(Protocol):
    """One engine's search structure over the valid places of an index."""

    def search(self, query: torch.Tensor, k: int) -> torch.Tensor:
        """[N, 2] valid degrees -> [N, k] int64 positions, nearest first, -1 where missing."""


class PlaceIndex:
    """Places on the globe, built once, searched in batches.

    On a GPU: a k-d tree of leaves over unit vectors, one program a query, leaves opened in order
    of their lower bound until none can hold a nearer place (float64 distances, so the order is
    right at any distance). On CPU: pykdtree's k-d tree on the same vectors, or scipy's, or, with
    neither installed, float64 brute force in blocks.
    """

    def __init__(
        self,
        latlon: torch.Tensor,
        *,
        leaf: int = 256,
        radius_km: float = EARTH_RADIUS_KM,
        engine: Engine = "auto",
    ) -> None:
        """Build the index on the device of `latlon`.

        Args:
            latlon: [M, 2] degrees (lat, lon), float32 or float64; invalid places are never found.
            leaf: most places in a leaf of the GPU tree (larger beyond 4096 leaves).
            radius_km: radius of the sphere.
            engine: `auto` picks by device.

        Raises:
            ValueError: for a wrong dtype, shape, device or number, naming the argument.
        """
        check_coordinates("latlon", latlon, dims=2)
        check_positive("leaf", leaf)
        check_positive("radius_km", radius_km)
        if latlon.shape[0] > MAX_PLACES:
            raise ValueError(f"latlon holds {latlon.shape[0]} places, more than {MAX_PLACES}")
        self._engine: Engine = "triton" if uses_triton(engine, latlon=latlon) else "reference"
        self._latlon = latlon.detach().contiguous()
        self._radius_km = radius_km
        self._rows = reference.valid_coordinates(latlon).nonzero().squeeze(1)
        self._search = _build_search(self._latlon[self._rows], leaf, self._engine)

    def __len__(self) -> int:
        return self._latlon.shape[0]

    @torch.no_grad()
    def nearest(self, query: torch.Tensor, k: int = 1) -> Nearest:
        """Return the k nearest places of each query, [N, k].

        Never further than the true neighbours of the same rank by more than 1 m; equal distances
        come in any order.

        Args:
            query: [N, 2] degrees (lat, lon), float32 or float64, on the device of the index.
            k: neighbours, 1 to 64.

        Raises:
            ValueError: for a wrong dtype, shape, device or number, naming the argument.
        """
        check_coordinates("query", query, dims=2)
        check_neighbours(k, LARGEST_K)
        uses_triton(self._engine, latlon=self._latlon, query=query)
        valid = reference.valid_coordinates(query)
        index = torch.full((query.shape[0], k), -1, dtype=torch.int64, device=query.device)
        if len(self._rows) and query.shape[0]:
            position = self._search.search(query.where(valid[:, None], 0.0), k)
            index = self._rows[position.clamp_min(0)].where(position >= 0, -1)
        index = index.masked_fill(~valid[:, None], -1)
        return Nearest(self._distance_km(query, index).where(valid[:, None], torch.nan), index)

    def _distance_km(self, query: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        if not len(self):
            return torch.full(index.shape, torch.inf, device=index.device)
        found = self._latlon[index.clamp_min(0)]
        same_query = query[:, None].expand(*index.shape, 2)
        distance = great_circle_km(
            found, same_query, radius_km=self._radius_km, engine=self._engine
        )
        return distance.masked_fill(index < 0, torch.inf)


def _build_search(latlon: torch.Tensor, leaf: int, engine: Engine) -> PlaceSearch:
    if engine == "triton":
        from geoagent_kernels._triton.leaf_search import LeafSearch

        return LeafSearch(latlon, leaf)
    if not len(latlon):
        return BruteSearch(latlon)  # it is never asked
    from geoagent_kernels._kdtree import KdTreeSearch

    try:
        return KdTreeSearch(latlon)
    except ModuleNotFoundError:
        return BruteSearch(latlon)


class BruteSearch:
    """The definition: float64 distances to every place, in blocks of queries."""

    def __init__(self, latlon: torch.Tensor) -> None:
        self._latlon = latlon

    def search(self, query: torch.Tensor, k: int) -> torch.Tensor:
        """[N, 2] valid degrees -> [N, k] int64 positions, nearest first, -1 where missing."""
        return reference.nearest(self._latlon, query, k)[1]
