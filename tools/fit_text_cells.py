"""Fits how likely a small square of a large photo holds letters that its first look cannot read.

    python -m tools.fit_text_cells SIGNS.jsonl OTHERS.jsonl [--photos 5] [--half 0] [--write]

SIGNS and OTHERS have one JSON object per line with `file`; the photos of 12 megapixels are those
of `benchmarks/large_photos.py`, of every other file, so that the other half is left to measure on.
Each is read in overlapping crops of 1 megapixel: where those read a small line, the cells hold
letters. Parts of the photo are cells of photos of other sizes. Needs scikit-learn. Prints how well
the curve ranks the cells of the other half (area under the ROC curve), beside the two measures
alone that rank best; `--write` stores it in `geoagent_graph/data/perception/text_cells.json`.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.large_photos import (
    CROP_HEIGHT_PX,
    CROP_WIDTH_PX,
    HEIGHT_PX,
    WIDTH_PX,
    LargePhoto,
    PlacedLine,
    crop_lines,
    large_photos,
    photo_paths,
)
from geoagent_graph.perception import text_cells
from geoagent_graph.perception.rapid_ocr import shared_engine
from geoagent_graph.perception.text_cells import CELL_PX, MIN_LARGE_PX, Features, cell_features
from geoagent_graph.perception.text_detector import (
    MAX_FIRST_LOOK_SIDE_PX,
    look_at,
    reduce_photo,
)
from geoagent_graph.perception.text_reader import SignReader
from geoagent_graph.settings import Settings, prepare_process

FITTED = Path(text_cells.__file__).parents[1] / "data" / "perception" / "text_cells.json"
KINDS = ("pasted", "mosaic", "scaled")
OVERLAP_PX = 120
PARTS = ((0, 0, WIDTH_PX, HEIGHT_PX), (200, 100, 2600, 1900), (1900, 1300, 3700, 2650))
"""Left, top, right and bottom: the whole photo, and parts of 4 and 2 megapixels."""
STRENGTH = 0.02  # of the fit: the smaller, the smaller the weights
HOW = (
    "A logistic curve over the features of `cell_features`, fitted by tools/fit_text_cells.py on "
    "half of the files of real sign and landmark photos, put together to photos of 12 megapixels; "
    "cells are those where crops of 1 megapixel read a small line. Measured on the other half by "
    "benchmarks/large_photos.py."
)
Truth = NDArray[np.bool_]


def crops_of_photo() -> list[tuple[int, int]]:
    """Return the corners of crops that cover a photo and overlap."""
    lefts = range(0, WIDTH_PX - CROP_WIDTH_PX + OVERLAP_PX, CROP_WIDTH_PX - OVERLAP_PX)
    tops = range(0, HEIGHT_PX - CROP_HEIGHT_PX + OVERLAP_PX, CROP_HEIGHT_PX - OVERLAP_PX)
    return [
        (min(left, WIDTH_PX - CROP_WIDTH_PX), min(top, HEIGHT_PX - CROP_HEIGHT_PX))
        for top in tops
        for left in lefts
    ]


def labelled_cells(
    photo: LargePhoto, lines: list[PlacedLine], part: tuple[int, int, int, int]
) -> tuple[Features, Truth]:
    """Return the features of the cells of a part, [cells, features], and which hold a small line.

    Cells of large lines are left out: the first look reads those.
    """
    left, top, right, bottom = part
    pixels = np.ascontiguousarray(photo.pixels[top:bottom, left:right])
    trace = look_at(shared_engine(1).detector(), reduce_photo(pixels, MAX_FIRST_LOOK_SIDE_PX)).trace
    features = cell_features(trace, pixels)
    small, large = (np.zeros(features.shape[:2], bool) for _ in range(2))
    cell = CELL_PX * pixels.shape[1] / trace.shape[1]
    for line in lines:
        height = min(line.bottom - line.top, line.right - line.left) * CELL_PX / cell
        across, down = ((line.left - left) / cell, (line.right - left) / cell), (
            (line.top - top) / cell,
            (line.bottom - top) / cell,
        )  # fmt: skip
        rows, columns = (
            slice(max(0, int(low)), max(0, int(np.ceil(high)))) for low, high in (down, across)
        )
        (small if height < MIN_LARGE_PX else large)[rows, columns] = True
    kept = small | ~large
    return features[kept], small[kept]


def cells_of_half(
    signs: Path, others: Path, photos: int, half: int
) -> Iterator[tuple[Features, Truth]]:
    """Yield the cells of photos put together from one half of the files."""
    with tempfile.TemporaryDirectory() as nothing:
        reader = SignReader(Settings(tessdata_dir=Path(nothing), weights_dir=Path(nothing)))
    for kind in KINDS:
        drawn = large_photos(kind, photo_paths(signs, half), photo_paths(others, half), photos)
        for photo in drawn:
            lines = list(crop_lines(reader, LargePhoto(photo.pixels, crops_of_photo())))
            for part in PARTS:
                yield labelled_cells(photo, lines, part)
            print(f"half {half}, {kind}: {len(lines)} lines", flush=True)


def fit(features: Features, truth: Truth) -> tuple[NDArray[np.float64], float]:
    """Return weights and intercept of the curve."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    curve = LogisticRegression(C=STRENGTH, max_iter=2000).fit((features - middle) / spread, truth)
    weights = curve.coef_[0] / spread
    return weights, float(curve.intercept_[0] - weights @ middle)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("signs", type=Path)
    parser.add_argument("others", type=Path)
    parser.add_argument("--photos", type=int, default=5, help="of each kind")
    parser.add_argument("--half", type=int, choices=(0, 1), default=0)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    prepare_process()
    halves: list[tuple[Any, Any]] = []
    for half in (arguments.half, 1 - arguments.half):
        cells = list(cells_of_half(arguments.signs, arguments.others, arguments.photos, half))
        features = np.concatenate([one for one, _ in cells])
        halves.append((features, np.concatenate([truth for _, truth in cells])))
        if len(halves) == 1:
            weights, intercept = fit(*halves[0])
            found = {
                "how": HOW,
                "weights": [round(w, 5) for w in weights.tolist()],
                "intercept": round(intercept, 5),
            }
            print(json.dumps(found, indent=1))
            if arguments.write:
                FITTED.parent.mkdir(exist_ok=True)
                FITTED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    features, truth = halves[1]
    print(f"{len(truth)} cells of the other half, {truth.mean():.1%} with letters")
    print(f"ranked by the curve: {roc_auc_score(truth, features @ weights):.3f}")
    alone = [roc_auc_score(truth, column) for column in features.T]
    best = sorted(range(len(alone)), key=lambda number: alone[number], reverse=True)[:2]
    print("alone:", ", ".join(f"feature {number} {alone[number]:.3f}" for number in best))


if __name__ == "__main__":
    main()
