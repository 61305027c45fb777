"""Windows of a large photo that are looked at once more, where small letters are most likely.

Looking costs by the pixel, so a window is worth its cells' probabilities less a price for each of
them and for its rim. Windows are taken at a high price first, then at a low one, until the pixels
are spent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.text_tiles import MIN_GAIN, Region, Tile

MAX_WINDOWS = 16
MAX_PIXELS = 5_000_000  # of all windows: 1.3 CPU s, where the first look takes 0.3
# Set by hand, chosen among a dozen settings by how many lines of photos put together lay inside the
# windows of two megapixels. `benchmarks/large_photos.py` measures what is read.
PRICES = (0.01, 0.002)  # probability that a cell must have to be worth looking at
RIM_CELLS = 2.0  # price of each cell along the rim of a window
PADDING_PX = 8.0  # surroundings of the cells of a window, in pixels of the first look's map
MAX_WINDOW_CELLS = 256  # 800,000 pixels of a photo of 12 megapixels: memory is bounded
_SIDES = (1, 2, 3, 4, 6, 9, 13, 18, 26)
WINDOW_SHAPES = [(r, c) for r in _SIDES for c in _SIDES if 2 <= r * c <= MAX_WINDOW_CELLS]

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Window:
    """Rows and columns of cells: from the first up to, not with, the last."""

    rows: slice
    columns: slice
    worth: float


def plan_windows(
    probabilities: Probabilities,
    width: float,
    height: float,
    gain: float,
    max_pixels: float = MAX_PIXELS,
) -> list[Tile]:
    """Return the windows in a first look of `width` x `height` pixels, those worth most first.

    `probabilities` are those of its cells, `gain` is how much larger the photo is. Windows have at
    most `max_pixels` together, as they are looked at; a photo hardly larger has none.
    """
    if gain < MIN_GAIN:
        return []
    scale = width / probabilities.shape[1], height / probabilities.shape[0]
    left = np.array(probabilities, np.float64)
    windows: list[Tile] = []
    for price in PRICES:
        while len(windows) < MAX_WINDOWS:
            window = max(
                (_best_window(left, shape, price) for shape in WINDOW_SHAPES),
                key=lambda window: window.worth,
            )
            if window.worth <= 0.0:
                break
            rows, columns = _trim_window(left, window, price)
            left[rows, columns] = 0.0
            tile = Tile(_region_around(rows, columns, scale, (width, height)), gain)
            if tile.pixels <= max_pixels:
                max_pixels -= tile.pixels
                windows.append(tile)
    return windows


def _best_window(left: Probabilities, shape: tuple[int, int], price: float) -> _Window:
    """Return the window of a shape that is worth most."""
    rows, columns = min(shape[0], left.shape[0]), min(shape[1], left.shape[1])
    sums = np.pad(left.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    total = sums[rows:, columns:] - sums[:-rows, columns:]
    total = total - sums[rows:, :-columns] + sums[:-rows, :-columns]
    top, first = np.unravel_index(int(np.argmax(total)), total.shape)
    cost = price * (rows * columns + 2.0 * RIM_CELLS * (rows + columns))
    down, across = slice(int(top), int(top) + rows), slice(int(first), int(first) + columns)
    return _Window(down, across, float(total[top, first]) - cost)


def _trim_window(left: Probabilities, window: _Window, price: float) -> tuple[slice, slice]:
    """Return the rows and columns around the cells of a window that are worth their price."""
    worth = left[window.rows, window.columns] > price
    if not worth.any():
        return window.rows, window.columns
    rows, columns = np.flatnonzero(worth.any(axis=1)), np.flatnonzero(worth.any(axis=0))
    top, first = window.rows.start, window.columns.start
    return (
        slice(top + int(rows[0]), top + int(rows[-1]) + 1),
        slice(first + int(columns[0]), first + int(columns[-1]) + 1),
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
    )
