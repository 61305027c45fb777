"""The order of the rows of an index: every country is one range, and near photos are near in it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.reference_table import ReferenceRow

_CELL_BITS = 16
"""Of latitude and of longitude each: cells of 300 by 600 metres at the equator."""


def region_order(rows: Sequence[ReferenceRow]) -> list[int]:
    """Return the order of rows: by country, then by cell, then by id."""
    lat_deg = np.array([row.lat_deg for row in rows], np.float64)
    lon_deg = np.array([row.lon_deg for row in rows], np.float64)
    cells = cell_numbers(lat_deg, lon_deg).tolist()
    return sorted(range(len(rows)), key=lambda i: (rows[i].country_code, cells[i], rows[i].id))


def cell_numbers(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Return the number of the cell of each point, shape [n], as geohash orders its cells.

    The bits of longitude and latitude take turns, longitude first (a Morton code).
    """
    top = (1 << _CELL_BITS) - 1
    lat = np.clip((lat_deg + 90.0) / 180.0 * (top + 1), 0, top).astype(np.uint64)
    lon = np.clip((lon_deg + 180.0) / 360.0 * (top + 1), 0, top).astype(np.uint64)
    return _spread_bits(lon) << np.uint64(1) | _spread_bits(lat)


def _spread_bits(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers of 16 bits with a zero before each of them."""
    spread = numbers
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        spread = (spread | spread << np.uint64(shift)) & np.uint64(mask)
    return spread
