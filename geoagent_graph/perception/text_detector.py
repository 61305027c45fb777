"""Where lines of text stand in a photo: one look at the whole, then tiles where letters are small.

A large photo is reduced for the first look, which costs the same for every photo. Letters that are
too small to be found there still leave a trace in the detector's map; those places are looked at
again, larger. So a sign is found that fills a hundredth of a photo of 12 megapixels.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.perception.text_tiles import (
    MIN_CLEAR_WEIGHT,
    MIN_GAIN,
    Boxes,
    Region,
    Tile,
    join_boxes,
    plan_tiles,
)

MAX_FIRST_LOOK_SIDE_PX = 1600  # a larger photo is reduced to this before the first look
MIN_TRACE = 0.1  # of the detector's map, where 0.3 is text: small letters are not seen clearly
MIN_TRACE_PIXELS = 6  # of the map; specks are everywhere
DETAIL_BLOCK_PX = 8  # of the map; a line of letters too small for it is about one block high
MIN_DETAIL = 5.0  # mean gray levels that a block loses in the first look; film grain loses less
MIN_DETAIL_DEVIATIONS = 2.0  # by which a block stands out of its photo
MIN_DETAIL_BLOCKS = 2
MAX_DETAIL_SHARE = 0.1  # of the map; larger places are foliage
MAX_TRACES = 200  # the clearest places of a photo that is full of them
SAME_ROW_PX = 10.0  # lines whose tops differ less stand in one row, at the first look's size
MAX_DETAILS = 40
NO_BOXES = np.zeros((0, 4, 2), np.float32)


@dataclass(frozen=True, slots=True)
class FoundLines:
    """Lines of text in reading order: corners in pixels of the photo, shape [n, 4, 2].

    `scores` [n] says how sure the detector is of each, in [0, 1].
    """

    corners: Boxes
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Look:
    boxes: Boxes  # in pixels of the image that was looked at
    scores: list[float]
    trace: NDArray[np.float32]  # the detector's map, [height, width]


def find_lines(detector: Any, pixels: NDArray[np.uint8]) -> FoundLines:
    """Return the lines of text in an RGB photo, shape [height, width, 3].

    `detector` is RapidOCR's, whose three steps are taken one by one: its own call hides the map.
    """
    coarse = reduce_photo(pixels, MAX_FIRST_LOOK_SIDE_PX)
    look = _look_at(detector, coarse)
    height, width = look.trace.shape
    gain = min(pixels.shape[0] / height, pixels.shape[1] / width)
    places = _places_with_letters(look.trace)
    if gain >= MIN_GAIN:
        places += _places_in_detail(pixels, width, height)
    tiles = plan_tiles(places, width, height, gain)
    to_photo = pixels.shape[1] / coarse.shape[1], pixels.shape[0] / coarse.shape[0]
    if not tiles:
        order = reading_order(look.boxes)
        scores = np.array(look.scores, np.float32)
        return FoundLines((look.boxes * to_photo).astype(np.float32)[order], scores[order])
    to_trace = np.array([width / coarse.shape[1], height / coarse.shape[0]])
    boxes, scores = _join_tiles(detector, pixels, tiles, look, to_trace)
    order = reading_order(boxes)
    to_pixels = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
    return FoundLines((boxes * to_pixels).astype(np.float32)[order], scores[order])


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


def _look_at(detector: Any, pixels: NDArray[np.uint8]) -> _Look:
    """Return what the detector makes of an RGB image; nothing of one that is too thin for it."""
    prepared = detector.get_preprocess()(np.ascontiguousarray(pixels[:, :, ::-1]))  # blue first
    if prepared is None:
        return _Look(NO_BOXES, [], np.zeros((1, 1), np.float32))
    probabilities = detector.session(prepared)
    boxes, scores = detector.postprocess_op(probabilities, pixels.shape[:2])
    found = np.asarray(boxes, np.float32).reshape(-1, 4, 2)
    return _Look(found, [float(score) for score in scores], probabilities[0, 0])


def _places_with_letters(trace: NDArray[np.float32]) -> list[Region]:
    """Return the places of the map that may be letters, the clearest ones."""
    import cv2

    mask = (trace > MIN_TRACE).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    peaks = np.zeros(count, np.float32)
    np.maximum.at(peaks, np.asarray(labels, np.intp).ravel(), trace.ravel())
    places = [
        Region(float(left), float(top), float(left + width), float(top + height), float(peak))
        for (left, top, width, height, pixels), peak in zip(stats[1:], peaks[1:], strict=True)
        if pixels >= MIN_TRACE_PIXELS
    ]
    return sorted(places, key=lambda place: place.weight, reverse=True)[:MAX_TRACES]


def _places_in_detail(pixels: NDArray[np.uint8], width: int, height: int) -> list[Region]:
    """Return the places of the map that lose most in the first look, less clear than any text.

    Letters of three pixels in it are gone without a trace; where the rest of the photo is plain
    they are what the reduction takes away.
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


def _join_tiles(
    detector: Any,
    pixels: NDArray[np.uint8],
    tiles: list[Tile],
    look: _Look,
    to_trace: NDArray[np.float64],
) -> tuple[Boxes, NDArray[np.float32]]:
    """Return the boxes of the first look and of its tiles, in pixels of the first look's map."""
    boxes = (look.boxes * to_trace).astype(np.float32)
    known, scores = boxes, list(look.scores)
    for tile in tiles:
        found, found_scores = _look_at_tile(detector, pixels, tile, look.trace.shape)
        boxes = join_boxes(boxes, found, tile.region)
        known = np.concatenate([known, found])
        scores += found_scores
    return boxes, np.array([_score_of(box, known, scores) for box in boxes], np.float32)


def _score_of(box: NDArray[np.float32], known: Boxes, scores: list[float]) -> float:
    return next(s for k, s in zip(known, scores, strict=True) if np.array_equal(k, box))


def _look_at_tile(
    detector: Any, pixels: NDArray[np.uint8], tile: Tile, shape: tuple[int, ...]
) -> tuple[Boxes, list[float]]:
    """Return the boxes and scores of one tile, in pixels of the first look's map."""
    import cv2

    down, across = pixels.shape[0] / shape[0], pixels.shape[1] / shape[1]
    left, right = int(tile.region.left * across), int(np.ceil(tile.region.right * across))
    top, bottom = int(tile.region.top * down), int(np.ceil(tile.region.bottom * down))
    part = pixels[top:bottom, left:right]
    size = (
        max(32, round(part.shape[1] * tile.zoom / across)),
        max(32, round(part.shape[0] * tile.zoom / down)),
    )
    shown = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    look = _look_at(detector, shown)
    to_pixels = np.array([part.shape[1] / size[0], part.shape[0] / size[1]])
    boxes = (look.boxes * to_pixels + [left, top]) / [across, down]
    return boxes.astype(np.float32), look.scores
