"""How likely each small square of a large photo holds letters that the first look cannot read.

Two things tell, and neither costs much: the trace that small letters leave in the detector's map,
and how many upright strokes stand close together in the photo itself, at its full size.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.box_joining import Box, Boxes
from geoagent_graph.perception.text_tiles import MIN_CLEAR_WEIGHT, Region
from geoagent_graph.perception.text_windows import Weights

CELL_PX = 16  # side of a square, in pixels of the first look's map
MIN_TRACE = 0.02  # of the map, where 0.3 is text: less is noise
MIN_STROKES = 16  # mean change of gray levels by which a stretch of text stands out
STROKES_WIDTH_PX, STROKES_HEIGHT_PX = 31, 9  # of that stretch, in pixels of the photo
STROKES_AROUND_PX = 95  # side of the surroundings that it must stand out of
MIN_LARGE_PX = 24.0  # height of a line in the map whose letters need no second look
MIN_LARGE_ASPECT = 2.0  # of such a line, how many times longer than high
DETAIL_BLOCK_PX = 8  # of the map; a line of letters too small for it is about one block high
MIN_DETAIL = 5.0  # mean gray levels that a block loses in the first look; film grain loses less
MIN_DETAIL_DEVIATIONS = 2.0  # by which a block stands out of its photo
MIN_DETAIL_BLOCKS = 2
MAX_DETAIL_SHARE = 0.1  # of the map; larger places are foliage
MAX_DETAILS = 40


def cell_weights(trace: NDArray[np.float32], pixels: NDArray[np.uint8], lines: Boxes) -> Weights:
    """Return the weight of every cell, shape [rows, columns], in [0, 1]; 0 is not looked at.

    A weight is a rank within the photo: the larger of that of the trace and that of the strokes. A
    clear trace weighs 1; what the first look took for a large line or shape has none.

    Args:
        trace: the detector's map, [height, width].
        pixels: the photo, RGB, [height, width, 3].
        lines: what the first look found, in pixels of the map. Long large ones need no second look;
            squarer ones are often windows and may hold small lines.
    """
    shape = -(-trace.shape[0] // CELL_PX), -(-trace.shape[1] // CELL_PX)
    traces = max_of_cells(trace, shape)
    strokes = max_of_cells(stroke_density(pixels), shape)
    of_trace = np.where(traces >= MIN_TRACE, ranks(traces), 0.0)
    of_trace = np.where(traces >= MIN_CLEAR_WEIGHT, 1.0, of_trace)
    of_strokes = np.where(strokes >= MIN_STROKES, ranks(strokes), 0.0)
    sizes = np.array([_sides(line) for line in lines]).reshape(-1, 2)
    large = sizes[:, 0] >= MIN_LARGE_PX
    long = sizes[:, 1] >= MIN_LARGE_ASPECT * sizes[:, 0]
    of_trace[_cells_inside(lines[large], shape)] = 0.0
    weights = np.maximum(of_trace, of_strokes)
    weights[_cells_inside(lines[large & long], shape)] = 0.0
    return np.asarray(weights, np.float64)


def places_in_detail(pixels: NDArray[np.uint8], width: int, height: int) -> list[Region]:
    """Return the places of the map that lose most in the first look, less clear than any text.

    Letters of three pixels in it are gone without a trace; small places that lose much are often
    signs, large ones foliage.
    """
    import cv2

    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    blocks = (max(1, width // DETAIL_BLOCK_PX), max(1, height // DETAIL_BLOCK_PX))
    lost = cv2.resize(cv2.absdiff(gray, again), blocks, interpolation=cv2.INTER_AREA).astype(float)
    least = max(MIN_DETAIL, float(lost.mean() + MIN_DETAIL_DEVIATIONS * lost.std()))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((lost > least).astype(np.uint8))
    scale = np.array([width / blocks[0], height / blocks[1]])
    places = []
    for label, (left, top, across, down, count) in enumerate(stats[1:], start=1):
        if MIN_DETAIL_BLOCKS <= count <= MAX_DETAIL_SHARE * lost.size:
            level = float(lost[labels == label].mean())
            begin, end = scale * (left, top), scale * (left + across, top + down)
            weight = MIN_CLEAR_WEIGHT * level / (level + 255.0)
            places.append(
                Region(float(begin[0]), float(begin[1]), float(end[0]), float(end[1]), weight)
            )
    return sorted(places, key=lambda place: place.weight, reverse=True)[:MAX_DETAILS]


def stroke_density(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how much more gray levels change from left to right at each pixel than around it.

    Shape [height, width]. Foliage and brickwork change as much all around, lines of text do not.
    """
    import cv2

    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    change = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    stretch = cv2.blur(change, (STROKES_WIDTH_PX, STROKES_HEIGHT_PX))
    around = cv2.blur(change, (STROKES_AROUND_PX, STROKES_AROUND_PX))
    return np.asarray(cv2.subtract(stretch, around), np.uint8)


def max_of_cells(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Return the largest value of each cell, where `shape` cells cover the whole."""
    down = np.linspace(0, values.shape[0], shape[0] + 1).astype(int)[:-1]
    across = np.linspace(0, values.shape[1], shape[1] + 1).astype(int)[:-1]
    rows = np.maximum.reduceat(values, down, axis=0)
    return np.asarray(np.maximum.reduceat(rows, across, axis=1))


def ranks(values: NDArray[Any]) -> Weights:
    """Return which share of all values is lower than each, in [0, 1)."""
    lower = np.searchsorted(np.sort(values, axis=None), values, side="left")
    return np.asarray(lower / values.size, np.float64)


def _sides(line: Box) -> tuple[float, float]:
    """Return the shorter and the longer side of a box."""
    sides = np.linalg.norm(line - np.roll(line, 1, axis=0), axis=1)
    one, other = float(sides[0::2].max()), float(sides[1::2].max())
    return min(one, other), max(one, other)


def _cells_inside(lines: Boxes, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which cells have their middle inside one of the lines."""
    import cv2

    inside = np.zeros(shape, np.uint8)
    for line in lines:
        cv2.fillConvexPoly(inside, np.asarray(np.rint(line / CELL_PX - 0.5), np.int32), 1)
    return inside.astype(bool)
