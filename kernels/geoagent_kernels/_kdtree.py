"""Nearest places on CPU: scipy's k-d tree on float64 unit vectors."""

import numpy as np
import torch
from scipy.spatial import cKDTree

from geoagent_kernels.reference import unit_vectors

_PLACES_PER_LEAF = 32
_CELL_DEGREES = 4.0


class KdTreeSearch:
    """Chords order places as arcs do, so the Euclidean tree is exact on the sphere."""

    def __init__(self, latlon: torch.Tensor) -> None:
        self._tree = cKDTree(unit_vectors(latlon.cpu()).numpy(), leafsize=_PLACES_PER_LEAF)

    def search(self, query: torch.Tensor, k: int) -> torch.Tensor:
        """[N, 2] valid degrees -> [N, k] int64 positions, nearest first, -1 where missing.

        Queries are asked cell by cell of the globe: neighbours in time then share the part of the
        tree that is in cache.
        """
        device, query = query.device, query.cpu()
        row, column = ((query + query.new_tensor([90.0, 180.0])) / _CELL_DEGREES).short().unbind(1)
        order = np.argsort((row * 91 + column).numpy(), kind="stable")
        ranks = list(range(1, k + 1))
        _, found = self._tree.query(unit_vectors(query).numpy()[order], k=ranks)
        index = np.empty(found.shape, dtype=np.int64)
        index[order] = np.where(found == self._tree.n, -1, found)
        return torch.from_numpy(index).to(device)
