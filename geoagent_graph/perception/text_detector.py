"""Where lines of text stand in a photo: one look at the whole, then windows at its full size.

A large photo is reduced for the first look, which costs the same for every photo. Letters that are
too small to be found there are looked for again where they most likely are, as large as the photo
has them. So a sign is found that fills a hundredth of a photo of 12 megapixels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.box_joining import (
    Boxes,
    Lines,
    ScoredBox,
    join_tiles,
    lines_beside,
    split_cut_lines,
)
from geoagent_graph.perception.text_cells import cell_probabilities
from geoagent_graph.perception.text_tiles import MIN_GAIN, Region, Tile
from geoagent_graph.perception.text_windows import plan_windows

MAX_FIRST_LOOK_SIDE_PX = 1600  # a larger photo is reduced to this before the first look
TILE_STEP_PX = 32  # of a tile's sides: the detector resizes others
MAX_EXTENDED_TILES = 4  # around lines that the edge of a tile cuts
MAX_EXTENDED_PIXELS = 120_000  # of each as it is looked at
SAME_ROW_PX = 10.0  # lines whose tops differ less stand in one row, at the first look's size
NO_BOXES = np.zeros((0, 4, 2), np.float32)


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Lines of text in reading order: corners in pixels of the photo, shape [n, 4, 2].

    `scores` [n] says how sure the detector is of each, in [0, 1].
    """

    corners: Boxes
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """What the detector makes of an image."""

    boxes: Boxes  # in pixels of the image that was looked at
    scores: list[float]
    trace: NDArray[np.float32]  # the detector's map, [height, width]


def find_lines(detector: Any, pixels: NDArray[np.uint8]) -> FoundLines:
    """Return the lines of text in an RGB photo, shape [height, width, 3].

    `detector` is RapidOCR's, whose three steps are taken one by one: its own call hides the map.
    """
    coarse = reduce_photo(pixels, MAX_FIRST_LOOK_SIDE_PX)
    look = look_at(detector, coarse)
    tiles = _windows_to_look_at(look, pixels, coarse.shape)
    if not tiles:
        to_photo = pixels.shape[1] / coarse.shape[1], pixels.shape[0] / coarse.shape[0]
        order = reading_order(look.boxes)
        scores = np.array(look.scores, np.float32)
        return FoundLines((look.boxes * to_photo).astype(np.float32)[order], scores[order])
    lines = _join_tiles(detector, pixels, tiles, look, coarse.shape)
    boxes = np.array([line.corners for line in lines], np.float32).reshape(-1, 4, 2)
    order = reading_order(boxes)
    scores = np.array([line.score for line in lines], np.float32)
    to_pixels = _scale(look.trace.shape, pixels.shape)
    return FoundLines((boxes * to_pixels).astype(np.float32)[order], scores[order])


def _windows_to_look_at(
    look: Look, pixels: NDArray[np.uint8], coarse: tuple[int, ...]
) -> list[Tile]:
    """Return the windows of the photo, in pixels of the first look's map."""
    height, width = look.trace.shape
    gain = min(pixels.shape[0] / height, pixels.shape[1] / width)
    if gain < MIN_GAIN or look.trace.size <= 1:
        return []
    lines = (look.boxes * _scale(coarse, look.trace.shape)).astype(np.float32)
    probabilities = cell_probabilities(look.trace, pixels, lines)
    return plan_windows(probabilities, width, height, gain)


def _scale(size: tuple[int, ...], other: tuple[int, ...]) -> NDArray[np.float64]:
    """Return how many times wider and higher an image is than another: shapes [height, width]."""
    return np.array([other[1] / size[1], other[0] / size[0]])


def _join_tiles(
    detector: Any,
    pixels: NDArray[np.uint8],
    tiles: list[Tile],
    look: Look,
    coarse: tuple[int, ...],
) -> Lines:
    """Return the lines of the first look and of its tiles, in pixels of the first look's map."""
    shape = look.trace.shape
    photo = Region(0.0, 0.0, float(shape[1]), float(shape[0]))
    first = score_boxes(look.boxes * _scale(coarse, shape), look.scores)
    found = [(tile.region, _look_into(detector, pixels, tile, shape)) for tile in tiles]
    whole, cut = split_cut_lines(found, photo)
    gain = max(tile.zoom for tile in tiles)
    for line in lines_beside(cut, [*first, *whole])[:MAX_EXTENDED_TILES]:
        tile = _tile_around(line, photo, gain)
        found.append((tile.region, _look_into(detector, pixels, tile, shape)))
    return join_tiles(first, found, photo)


def _tile_around(line: ScoredBox, photo: Region, gain: float) -> Tile:
    """Return a tile that holds what a cut line may go on to: twice its length to each side."""
    (left, top), (right, bottom) = line.corners.min(axis=0), line.corners.max(axis=0)
    across, down = 2.0 * (right - left), 2.0 * (bottom - top)
    region = Region(
        max(photo.left, float(left - across)),
        max(photo.top, float(top - down)),
        min(photo.right, float(right + across)),
        min(photo.bottom, float(bottom + down)),
    )
    return Tile(region, min(gain, (MAX_EXTENDED_PIXELS / region.area) ** 0.5))


def _look_into(
    detector: Any, pixels: NDArray[np.uint8], tile: Tile, shape: tuple[int, ...]
) -> Lines:
    """Return the lines of one tile of the photo, in pixels of the first look's map."""
    import cv2

    scale = _scale(shape, pixels.shape)
    region = tile.region
    left, right = _span_of_tile(region.left, region.right, float(scale[0]), pixels.shape[1])
    top, bottom = _span_of_tile(region.top, region.bottom, float(scale[1]), pixels.shape[0])
    part = pixels[top:bottom, left:right]
    reduction = min(1.0, tile.zoom / float(scale.min()))
    size = _whole_steps(part.shape[1] * reduction), _whole_steps(part.shape[0] * reduction)
    if reduction < 1.0:
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    look = look_at(detector, part)
    to_photo = np.array([(right - left) / part.shape[1], (bottom - top) / part.shape[0]])
    return score_boxes((look.boxes * to_photo + np.array([left, top])) / scale, look.scores)


def _whole_steps(side_px: float) -> int:
    return max(TILE_STEP_PX, round(side_px / TILE_STEP_PX) * TILE_STEP_PX)


def _span_of_tile(low: float, high: float, scale: float, size: int) -> tuple[int, int]:
    """Return where a tile begins and ends in the photo, as long as the detector takes it.

    It takes multiples of `TILE_STEP_PX` and resizes what is not.
    """
    begin, end = int(low * scale), min(size, int(np.ceil(high * scale)))
    length = min(size, -(-(end - begin) // TILE_STEP_PX) * TILE_STEP_PX)
    begin = min(begin, size - length)
    return begin, begin + length


def score_boxes(boxes: NDArray[Any], scores: list[float]) -> Lines:
    """Return boxes with their scores."""
    return [
        ScoredBox(box.astype(np.float32), score) for box, score in zip(boxes, scores, strict=True)
    ]


def reduce_photo(pixels: NDArray[np.uint8], max_side: int) -> NDArray[np.uint8]:
    """Return an RGB photo at most `max_side` long; itself when it is short enough."""
    import cv2

    height, width = pixels.shape[:2]
    scale = max_side / max(height, width)
    if scale >= 1.0:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def reading_order(boxes: Boxes) -> NDArray[np.intp]:
    """Return the indices of boxes row by row from the top, each row from the left."""
    if len(boxes) == 0:
        return np.zeros(0, np.intp)
    by_top = np.argsort(boxes[:, 0, 1], kind="stable")
    steps = np.diff(boxes[by_top, 0, 1]) >= SAME_ROW_PX
    rows = np.concatenate([[0], np.cumsum(steps)])
    return np.asarray(by_top[np.lexsort((boxes[by_top, 0, 0], rows))], np.intp)


def look_at(detector: Any, pixels: NDArray[np.uint8]) -> Look:
    """Return what the detector makes of an RGB image; nothing of one that is too thin for it."""
    prepared = _prepare_image(detector.get_preprocess(), pixels)
    if prepared is None:
        return Look(NO_BOXES, [], np.zeros((1, 1), np.float32))
    probabilities = detector.session(prepared)
    boxes, scores = detector.postprocess_op(probabilities, pixels.shape[:2])
    found = np.asarray(boxes, np.float32).reshape(-1, 4, 2)
    return Look(found, [float(score) for score in scores], probabilities[0, 0])


def _prepare_image(steps: Any, pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return what RapidOCR's steps before the detector make of an RGB image, to the last bit.

    What they make of a number depends on its channel alone, so it is looked up: they themselves
    take five times the CPU time and 60 MB more.
    """
    import cv2

    resized = steps.resize(pixels)
    if resized is None:
        return None
    numbers = np.arange(256, dtype=np.uint8)[:, None, None].repeat(3, axis=2)
    table = np.asarray(steps.normalize(numbers)[:, 0], np.float32)
    prepared = np.empty((1, 3, *resized.shape[:2]), np.float32)
    for channel in range(3):  # blue first
        plane = cv2.extractChannel(resized, 2 - channel)
        cv2.LUT(plane, np.ascontiguousarray(table[:, channel]), prepared[0, channel])
    return prepared
