"""A detected line of text as a clean strip: dark letters on light, without the edge of the sign."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STRIP_HEIGHT_PX = 48  # pixels of a text box's height after scaling
PADDING_PX = 12
GROWTH_SHARE = (
    0.1  # share of the height by which a box grows: accents and dots often lie outside it
)


def line_strips(pixels: NDArray[np.uint8], corners: NDArray[np.float32]) -> list[Image.Image]:
    """Return two gray strips of one line to try: edges of the sign removed, and as it is.

    `pixels` is RGB, `corners` [4, 2] as x, y, clockwise from the line's top left.
    """
    strips = []
    for growth in (GROWTH_SHARE, 0.0):
        gray = _rectify_box(pixels, _grow_box(corners, growth), STRIP_HEIGHT_PX * (1 + 2 * growth))
        strips.append(_clean_strip(gray, round(STRIP_HEIGHT_PX * growth)))
    return strips


def _grow_box(corners: NDArray[np.float32], growth: float) -> NDArray[np.float32]:
    """Return the box larger on all sides by a share of its height."""
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    step = growth * float(np.linalg.norm(down))
    right = along / max(1.0, float(np.linalg.norm(along))) * step
    below = down / max(1.0, float(np.linalg.norm(down))) * step
    moves = np.stack([-right - below, right - below, right + below, below - right])
    return np.asarray(corners + moves, np.float32)


def _rectify_box(
    pixels: NDArray[np.uint8], corners: NDArray[np.float32], height: float
) -> NDArray[np.uint8]:
    """Return the box upright and gray, `height` pixels high; a standing box is laid on its side."""
    import cv2
    from rapidocr.utils.process_img import get_rotate_crop_image

    upright = get_rotate_crop_image(pixels, np.ascontiguousarray(corners, np.float32))
    gray = cv2.cvtColor(np.ascontiguousarray(upright), cv2.COLOR_RGB2GRAY)
    scale = height / gray.shape[0]
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    size = (max(8, round(gray.shape[1] * scale)), max(8, round(height)))
    return np.asarray(cv2.resize(gray, size, interpolation=method), np.uint8)


def _clean_strip(gray: NDArray[np.uint8], margin: int) -> Image.Image:
    """Return dark on light with padding; what hangs on the rim is wiped when there is a margin."""
    import cv2

    core = gray[margin:-margin, margin:-margin] if margin else gray
    threshold = cv2.threshold(core, 0, 255, cv2.THRESH_OTSU)[0]
    if (core <= threshold).mean() > 0.5:  # letters cover less than half: they are the light ones
        gray, core, threshold = 255 - gray, 255 - core, 254 - threshold
    if margin:
        gray = _without_rim(gray, threshold, margin)
    gray = np.asarray(cv2.normalize(gray, None, 0.0, 255.0, cv2.NORM_MINMAX), np.uint8)  # type: ignore[call-overload]
    paper = int(np.percentile(gray, 90))
    padded = cv2.copyMakeBorder(
        gray, PADDING_PX, PADDING_PX, PADDING_PX, PADDING_PX, cv2.BORDER_CONSTANT, value=paper
    )
    return Image.fromarray(padded)


def _without_rim(gray: NDArray[np.uint8], threshold: float, margin: int) -> NDArray[np.uint8]:
    """Return the strip without the dark shapes that touch its rim, cut to its letters."""
    import cv2

    ink = (gray <= threshold).astype(np.uint8)
    labels = cv2.connectedComponents(ink, connectivity=8)[1]
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    on_rim = np.isin(labels, np.setdiff1d(rim, [0]))
    core = np.zeros_like(ink)
    core[margin:-margin, margin:-margin] = ink[margin:-margin, margin:-margin]
    if (on_rim & (core > 0)).sum() > 0.5 * core.sum():  # the letters themselves touch the rim
        return gray[margin:-margin, margin:-margin]
    wiped = cv2.dilate(on_rim.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    paper = np.median(gray[gray > threshold])
    rows, columns = np.nonzero((ink > 0) & ~wiped)
    if rows.size == 0:
        return gray[margin:-margin, margin:-margin]
    clean = np.where(wiped, paper, gray).astype(np.uint8)
    return clean[
        max(0, rows.min() - 3) : rows.max() + 4, max(0, columns.min() - 3) : columns.max() + 4
    ]
