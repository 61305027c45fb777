"""How likely each small square of a large photo holds letters that the first look cannot read.

Four things tell, and none costs much: the largest and the mean value of the detector's map there,
how much gray levels change from left to right in the photo at its full size, and how much detail
the first look has lost along a stretch of letters. Each is taken of the square, of its neighbours
and of its surroundings: foliage and brickwork have as much detail all around, lines of text do not.
A logistic curve makes a probability of them (`tools/fit_text_cells.py`).
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.box_joining import Box, Boxes

CELL_PX = 16  # side of a square, in pixels of the first look's map
STRETCH_PX = (31, 9)  # width and height of a stretch of letters, in pixels of the photo
SPANS = (1, 3, 9)  # cells, across and down, over which each measure is taken
MIN_LARGE_PX = 24.0  # height of a line in the map whose letters need no second look
MIN_LARGE_ASPECT = 2.0  # of such a line, how many times longer than high
MIN_LOG_TRACE = 1e-3  # what is added to values of the map before their logarithm is taken

Probabilities = NDArray[np.float64]
Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CellWeights:
    """A logistic curve over the features of a cell, in the order of `cell_features`."""

    weights: NDArray[np.float64]
    intercept: float


def cell_probabilities(
    trace: NDArray[np.float32], pixels: NDArray[np.uint8], lines: Boxes
) -> Probabilities:
    """Return P(letters too small for the first look) of every cell, shape [rows, columns].

    Args:
        trace: the detector's map, [height, width].
        pixels: the photo, RGB, [height, width, 3].
        lines: what the first look found, in pixels of the map. Long large ones need no second look
            and have 0; squarer ones are often windows and may hold small lines.
    """
    curve = cell_weights()
    features = cell_features(trace, pixels)
    log_odds = features.astype(np.float64) @ curve.weights + curve.intercept
    probabilities = 1.0 / (1.0 + np.exp(-log_odds))
    probabilities[_cells_inside([line for line in lines if _is_large(line)], log_odds.shape)] = 0.0
    return np.asarray(probabilities, np.float64)


@cache
def cell_weights() -> CellWeights:
    """Return the fitted curve that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "perception" / "text_cells.json"
    fitted = json.loads(path.read_text(encoding="utf-8"))
    return CellWeights(np.array(fitted["weights"], np.float64), float(fitted["intercept"]))


def cell_features(trace: NDArray[np.float32], pixels: NDArray[np.uint8]) -> Features:
    """Return what is measured of each cell, shape [rows, columns, 4 measures x spans + 1].

    The last one is how much larger the photo is than the map, as a logarithm.
    """
    import cv2

    shape = -(-trace.shape[0] // CELL_PX), -(-trace.shape[1] // CELL_PX)
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    change = cv2.convertScaleAbs(cv2.Sobel(gray, cv2.CV_16S, 1, 0))
    small = cv2.resize(gray, trace.shape[::-1], interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    lost = cv2.blur(cv2.absdiff(gray, again), STRETCH_PX)
    measures = (
        np.log(max_of_cells(trace, shape) + MIN_LOG_TRACE),
        np.log(_mean_of_cells(trace, shape) + MIN_LOG_TRACE / 10),
        np.log1p(_mean_of_cells(change, shape)),
        np.log1p(max_of_cells(lost, shape).astype(np.float32)),
    )
    spread = [
        cv2.blur(measure.astype(np.float32), (span, span), borderType=cv2.BORDER_REPLICATE)
        for measure in measures
        for span in SPANS
    ]
    gain = np.full(shape, np.log(pixels.shape[1] / trace.shape[1]), np.float32)
    return np.asarray(np.stack([*spread, gain], axis=-1), np.float32)


def max_of_cells(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Return the largest value of each cell, where `shape` cells cover the whole."""
    down = np.linspace(0, values.shape[0], shape[0] + 1).astype(int)[:-1]
    across = np.linspace(0, values.shape[1], shape[1] + 1).astype(int)[:-1]
    rows = np.maximum.reduceat(values, down, axis=0)
    return np.asarray(np.maximum.reduceat(rows, across, axis=1))


def _mean_of_cells(values: NDArray[Any], shape: tuple[int, int]) -> Features:
    import cv2

    return np.asarray(cv2.resize(values, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _is_large(line: Box) -> bool:
    """Return whether a line is long, and large enough for the first look."""
    sides = np.linalg.norm(line - np.roll(line, 1, axis=0), axis=1)
    low, high = sorted((float(sides[0::2].max()), float(sides[1::2].max())))
    return low >= MIN_LARGE_PX and high >= MIN_LARGE_ASPECT * low


def _cells_inside(lines: list[Box], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which cells have their middle inside one of the lines."""
    import cv2

    inside = np.zeros(shape, np.uint8)
    for line in lines:
        cv2.fillConvexPoly(inside, np.asarray(np.rint(line / CELL_PX - 0.5), np.int32), 1)
    return inside.astype(bool)
