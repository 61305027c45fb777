"""Which script a line is probably in, from its shapes alone: the order in which models are tried.

Histograms of oriented gradients (Dalal and Triggs, 2005) of windows as wide as the line is high, a
layer of rectified units, and the mean of the windows' scores. Weights were fitted on drawn lines by
`tools/fit_script_guess.py`. A guess loads nothing but its table and takes 1 ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LINE_HEIGHT_PX = 32
CELL_PX = 8
DIRECTIONS = 8
MAX_LINE_WIDTH_PX = 512  # of a longer line only the beginning is looked at
NO_SCRIPT = "Zyyy"
"""What is in none of the scripts that are guessed: Latin, Chinese, Japanese, and no text."""
_CELLS = LINE_HEIGHT_PX // CELL_PX
_MIN_INK_SHARE = 0.02  # of a row or column that belongs to the letters

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ScriptGuesser:
    """The fitted weights: `hidden` [windows' numbers + 1, units], `scores` [units + 1, scripts]."""

    scripts: tuple[str, ...]
    hidden: Floats
    scores: Floats

    def probabilities(self, strip: Image.Image) -> Mapping[str, float]:
        """Return P(script | line) of a strip of dark letters on light."""
        units = np.maximum(0.0, window_features(strip) @ self.hidden[:-1] + self.hidden[-1])
        scores = (units @ self.scores[:-1] + self.scores[-1]).mean(axis=0)
        shares = np.exp(scores - scores.max())
        return dict(zip(self.scripts, (shares / shares.sum()).tolist(), strict=True))


def window_features(strip: Image.Image) -> Floats:
    """Return the histograms of the windows of a line, shape [windows, cells * cells * directions].

    Each has length 1, or 0 where all is of one shade. There is at least one window.
    """
    import cv2

    gray = _letters(np.asarray(strip))
    height, width = gray.shape
    across = int(np.clip(round(LINE_HEIGHT_PX * width / height), LINE_HEIGHT_PX, MAX_LINE_WIDTH_PX))
    across = across // CELL_PX * CELL_PX
    method = cv2.INTER_AREA if height > LINE_HEIGHT_PX else cv2.INTER_LINEAR
    line = cv2.resize(gray, (across, LINE_HEIGHT_PX), interpolation=method).astype(np.float32)
    right, down = cv2.Sobel(line, cv2.CV_32F, 1, 0), cv2.Sobel(line, cv2.CV_32F, 0, 1)
    strength, turn = cv2.cartToPolar(right, down)
    turn = turn * np.float32(DIRECTIONS / (2 * np.pi))
    lower = np.floor(turn)
    cells = np.zeros((_CELLS, across // CELL_PX, DIRECTIONS), np.float32)
    for first, share in ((lower, 1 - turn + lower), (lower + 1, turn - lower)):
        for direction in range(DIRECTIONS):
            part = np.where(first % DIRECTIONS == direction, strength * share, np.float32(0))
            cells[:, :, direction] += part.reshape(_CELLS, CELL_PX, -1, CELL_PX).sum(axis=(1, 3))
    windows = np.lib.stride_tricks.sliding_window_view(cells, _CELLS, axis=1)
    flat = np.sqrt(windows.transpose(1, 0, 2, 3).reshape(windows.shape[1], -1))
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(length, 1e-6), np.float32)


def _letters(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the strip cut to the rows and columns that hold ink; itself where there is none."""
    import cv2

    ink = gray <= cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0]
    rows = np.flatnonzero(ink.mean(axis=1) > _MIN_INK_SHARE)
    columns = np.flatnonzero(ink.mean(axis=0) > _MIN_INK_SHARE)
    if not len(rows) or not len(columns):
        return gray
    return gray[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def guess_script(strip: Image.Image) -> Mapping[str, float]:
    """Return P(script | line) of a strip of dark letters on light, by ISO 15924 code."""
    return script_guesser().probabilities(strip)


@cache
def script_guesser() -> ScriptGuesser:
    """Return the guesser that ships, read once."""
    path = resources.files("geoagent_graph") / "data" / "evidence" / "script_guess.npz"
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return ScriptGuesser(
            tuple(stored["scripts"].tolist()),
            stored["hidden"].astype(np.float32),
            stored["scores"].astype(np.float32),
        )
