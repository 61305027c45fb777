"""The text of lines that were found: their crops, bounded, in batches that fit into memory."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE_HEIGHT_PX = 48  # at which the recogniser reads
MAX_CROP_HEIGHT_PX = 200.0  # of a line as it is cut out; one twice as high is reduced to it
MIN_BATCH_WIDTH_PX = 320  # what the recogniser pads a line to at least
MAX_BATCH_LINES = 6
MAX_BATCH_WIDTH_PX = 3_000  # of all lines of a batch as they are padded: 30 MB of results
MAX_LINE_WIDTH_PX = 1_500  # a longer line is read in pieces
MAX_PIECES = 4  # of one line; a longer one is squeezed into them
CUT_SEARCH_SHARE = 0.15  # of a piece's width, in which the gap between two words is looked for

Crop = NDArray[np.uint8]


def cut_out(pixels: NDArray[np.uint8], corners: NDArray[np.float32]) -> Crop:
    """Return one line upright, blue first, [height, width, 3]; a standing one lies on its side."""
    from rapidocr.utils.process_img import get_rotate_crop_image

    part, moved = _part_around(pixels, corners)
    return np.ascontiguousarray(get_rotate_crop_image(part, moved)[:, :, ::-1])


def _part_around(
    pixels: NDArray[np.uint8], corners: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the photo, or the part around a large line reduced, and the corners in it."""
    import cv2

    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    scale = MAX_CROP_HEIGHT_PX / max(1.0, float(min(sides[0::2].max(), sides[1::2].max())))
    if scale > 0.5:
        return pixels, corners.astype(np.float32)
    low = np.maximum(corners.min(axis=0).astype(int) - 2, 0)
    high = corners.max(axis=0).astype(int) + 3
    part = pixels[low[1] : high[1], low[0] : high[0]]
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    reduced = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    shares = np.array([size[0] / part.shape[1], size[1] / part.shape[0]])
    return reduced, ((corners - low) * shares).astype(np.float32)


def read_width(crop: Crop) -> int:
    """Return how wide a line is in pixels as the recogniser reads it."""
    width = int(np.ceil(LINE_HEIGHT_PX * crop.shape[1] / max(1, crop.shape[0])))
    return max(MIN_BATCH_WIDTH_PX, width)


def read_lines(engine: Any, crops: Sequence[Crop]) -> list[tuple[str, float]]:
    """Return text and confidence of each line, by RapidOCR's recogniser."""
    pieces = [split_line(crop) for crop in crops]
    flat = [piece for line in pieces for piece in line]
    order = sorted(range(len(flat)), key=lambda index: flat[index].shape[1] / flat[index].shape[0])
    read: list[tuple[str, float]] = [("", 0.0)] * len(flat)
    for batch in make_batches(order, [read_width(piece) for piece in flat]):
        output = engine.recognize_txt([flat[index] for index in batch])
        for index, text, score in zip(batch, output.txts, output.scores, strict=True):
            read[index] = (text.strip(), float(score))
    texts = iter(read)
    return [join_pieces([next(texts) for _ in line]) for line in pieces]


def make_batches(order: Sequence[int], widths: Sequence[int]) -> list[list[int]]:
    """Return the indices in batches: at most so many lines, and so wide when padded alike."""
    batches: list[list[int]] = []
    for index in order:
        size = len(batches[-1]) + 1 if batches else MAX_BATCH_LINES + 1
        if size > MAX_BATCH_LINES or size * widths[index] > MAX_BATCH_WIDTH_PX:
            batches.append([])
        batches[-1].append(index)
    return batches


def split_line(crop: Crop) -> list[Crop]:
    """Return a line in pieces that are short enough, cut where the least is written."""
    count = min(MAX_PIECES, -(-read_width(crop) // MAX_LINE_WIDTH_PX))
    if count == 1:
        return [crop]
    spread = crop.mean(axis=2).std(axis=0)
    step = crop.shape[1] / count
    reach = max(1, int(CUT_SEARCH_SHARE * step))
    cuts = [0]
    for number in range(1, count):
        first = int(number * step) - reach
        cuts.append(first + int(np.argmin(spread[first : first + 2 * reach])))
    edges = [*cuts, crop.shape[1]]
    pieces = [crop[:, a:b] for a, b in pairwise(edges)]
    return [np.ascontiguousarray(_squeeze(piece)) for piece in pieces]


def _squeeze(piece: Crop) -> Crop:
    """Return a piece no wider than is read."""
    import cv2

    longest = int(MAX_LINE_WIDTH_PX * 1.3 * piece.shape[0] / LINE_HEIGHT_PX)
    if piece.shape[1] <= max(1, longest):
        return piece
    size = (max(1, longest), piece.shape[0])
    return np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)


def join_pieces(pieces: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """Return one line from its pieces: their texts, and their confidence by letters."""
    if len(pieces) == 1:
        return pieces[0]
    letters = sum(len(text) for text, _ in pieces)
    if letters == 0:
        return "", 0.0
    confidence = sum(len(text) * score for text, score in pieces) / letters
    return " ".join(text for text, _ in pieces if text), confidence
