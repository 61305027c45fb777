"""Windows of a large photo that are looked at once more, where small letters are most likely.

They are planned from the cells of `text_cells`, after the tiles in which the first look has a trace
of letters (`text_tiles`). Windows beside each other overlap by their surroundings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.text_tiles import Region, Tile

MAX_WINDOWS = 12
MAX_PIXELS = 2_500_000  # of tiles and windows together: with them a photo costs twice its look
WINDOW_SHAPES = ((6, 18), (10, 10), (18, 6))  # rows x columns of cells: lines, blocks, columns
PADDING_PX = 8.0  # surroundings of the cells of a window, in pixels of the first look's map
SHARPNESS = 4.0  # power of a cell's weight: a few likely cells count more than many unlikely ones
MIN_WINDOW_SUM = 0.5  # of its cells' sharpened weights
MIN_CELL_WEIGHT = 0.7  # of the cells to which a window is trimmed

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Window:
    """Rows and columns of cells: from the first up to, not with, the last."""

    rows: slice
    columns: slice
    total: float


def plan_windows(
    weights: Weights, width: float, height: float, gain: float, tiles: Sequence[Tile]
) -> list[Tile]:
    """Return the windows in a first look of `width` x `height` pixels, the likeliest first.

    `weights` are those of its cells, `gain` is how much larger the photo is, and `tiles` are looked
    at anyway. With them the windows have at most `MAX_PIXELS`.
    """
    scale = width / weights.shape[1], height / weights.shape[0]
    left = np.asarray(weights, np.float64) ** SHARPNESS
    for tile in tiles:
        left[_cells_within(tile.region, scale)] = 0.0
    pixels = MAX_PIXELS - sum(tile.pixels for tile in tiles)
    windows: list[Tile] = []
    for _ in range(MAX_WINDOWS):
        window = max((_best_window(left, shape) for shape in WINDOW_SHAPES), key=lambda w: w.total)
        if window.total < MIN_WINDOW_SUM:
            break
        rows, columns = _trim_window(left, window)
        left[rows, columns] = 0.0
        tile = Tile(_region_around(rows, columns, scale, (width, height)), gain)
        if tile.pixels <= pixels:
            pixels -= tile.pixels
            windows.append(tile)
    return windows


def _cells_within(region: Region, scale: tuple[float, float]) -> tuple[slice, slice]:
    """Return the rows and columns of the cells whose middles lie in a region."""
    rows = slice(round(region.top / scale[1]), round(region.bottom / scale[1]))
    return rows, slice(round(region.left / scale[0]), round(region.right / scale[0]))


def _best_window(weights: Weights, shape: tuple[int, int]) -> _Window:
    """Return the window of a shape whose cells weigh most together."""
    rows, columns = min(shape[0], weights.shape[0]), min(shape[1], weights.shape[1])
    sums = np.pad(weights.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    total = sums[rows:, columns:] - sums[:-rows, columns:]
    total = total - sums[rows:, :-columns] + sums[:-rows, :-columns]
    top, left = np.unravel_index(int(np.argmax(total)), total.shape)
    down, across = slice(int(top), int(top) + rows), slice(int(left), int(left) + columns)
    return _Window(down, across, float(total[top, left]))


def _trim_window(weights: Weights, window: _Window) -> tuple[slice, slice]:
    """Return the rows and columns around the likely cells of a window; all where none is likely."""
    likely = weights[window.rows, window.columns] >= MIN_CELL_WEIGHT**SHARPNESS
    if not likely.any():
        return window.rows, window.columns
    rows, columns = np.flatnonzero(likely.any(axis=1)), np.flatnonzero(likely.any(axis=0))
    top, left = window.rows.start, window.columns.start
    return (
        slice(top + int(rows[0]), top + int(rows[-1]) + 1),
        slice(left + int(columns[0]), left + int(columns[-1]) + 1),
    )


def _region_around(
    rows: slice, columns: slice, scale: tuple[float, float], size: tuple[float, float]
) -> Region:
    """Return some cells with their surroundings, inside the photo."""
    return Region(
        max(0.0, columns.start * scale[0] - PADDING_PX),
        max(0.0, rows.start * scale[1] - PADDING_PX),
        min(size[0], columns.stop * scale[0] + PADDING_PX),
        min(size[1], rows.stop * scale[1] + PADDING_PX),
        0.0,
    )
