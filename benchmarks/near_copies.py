"""How well near copies are told from other photos: altered copies found, different photos taken.

    python benchmarks/near_copies.py ../shared/data/dev ../shared/data/reference
    python benchmarks/near_copies.py --cost 100000

Folders have `metadata.jsonl` and pictures. The limits in `datasets/near_copies.py` of the harness
are set by what this prints; `--cost` measures the search among random hashes, in CPU seconds.
"""

import argparse
import io
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from geoagent_evaluation.datasets.near_copies import (
    MAX_DIFFERENT_BITS,
    MIN_CORRELATION,
    Signatures,
    find_near_copies,
)
from geoagent_evaluation.datasets.picture_hash import (
    correlation,
    hamming_distance,
    picture_hash,
    thumbnail,
)
from PIL import Image, ImageEnhance

Picture = Image.Image


def saved_again(picture: Picture, quality: int) -> Picture:
    """Return a picture as its JPEG of a quality shows it."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def cut(picture: Picture, share: float) -> Picture:
    """Return a picture without a share of its width and height on each side."""
    x, y = int(picture.width * share), int(picture.height * share)
    return picture.crop((x, y, picture.width - x, picture.height - y))


ALTERATIONS: dict[str, Callable[[Picture], Picture]] = {
    "half as large": lambda p: p.resize((p.width // 2, p.height // 2)),
    "a quarter as large": lambda p: p.resize((p.width // 4, p.height // 4)),
    "JPEG, quality 30": lambda p: saved_again(p, 30),
    "JPEG, quality 10": lambda p: saved_again(p, 10),
    "lighter by 30 %": lambda p: ImageEnhance.Brightness(p).enhance(1.3),
    "contrast by 30 %": lambda p: ImageEnhance.Contrast(p).enhance(1.3),
    "cut by 1 % a side": lambda p: cut(p, 0.01),
    "cut by 2 % a side": lambda p: cut(p, 0.02),
    "cut by 5 % a side": lambda p: cut(p, 0.05),
    "half, cut by 2 %, JPEG 30": lambda p: saved_again(
        cut(p, 0.02).resize((p.width // 2, p.height // 2)), 30
    ),
}


def photos_of(folder: Path) -> list[Picture]:
    """Return the main pictures that a folder's list names."""
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    main = [row for row in rows if row.get("view", "main") == "main"]
    return [Image.open(folder / row["file"]).convert("RGB") for row in main]


def signatures_of(pictures: list[Picture]) -> Signatures:
    """Return the hashes and thumbnails of pictures."""
    grey = [picture.convert("L") for picture in pictures]
    hashes = np.array([picture_hash(one) for one in grey], dtype=np.uint64)
    return Signatures(hashes, np.stack([thumbnail(one) for one in grey]))


def print_quality(folders: list[Path]) -> None:
    """Print how many copies are found, and how many pairs of different photos are taken."""
    first = photos_of(folders[0])
    own = signatures_of(first)
    for name, alter in ALTERATIONS.items():
        copies = signatures_of([alter(picture) for picture in first])
        bits = hamming_distance(own.hashes, copies.hashes)
        alike = correlation(own.thumbs, copies.thumbs)
        found = (bits <= MAX_DIFFERENT_BITS) & (alike >= MIN_CORRELATION)
        print(f"{name:28} median {np.median(bits):2.0f} bits, found {found.mean():.3f}")
    others = [signatures_of(photos_of(folder)) for folder in folders[1:]]
    every = Signatures(
        np.concatenate([own.hashes, *(one.hashes for one in others)]),
        np.concatenate([own.thumbs, *(one.thumbs for one in others)]),
    )
    print_pairs(every)


def print_pairs(every: Signatures) -> None:
    """Print what the hash alone and what both take for copies among all pairs."""
    i, j = np.triu_indices(len(every), 1)
    near = hamming_distance(every.hashes[i], every.hashes[j]) <= MAX_DIFFERENT_BITS
    alike = correlation(every.thumbs[i[near]], every.thumbs[j[near]]) >= MIN_CORRELATION
    print(f"{len(i)} pairs of photos: {near.sum()} by the hash, {alike.sum()} by both")


def print_cost(count: int) -> None:
    """Print the CPU seconds and the memory of a search among random pictures."""
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**64, count, dtype=np.uint64)
    thumbs = random.integers(0, 256, (count, 256), dtype=np.uint8)
    start = time.process_time()
    found = find_near_copies(Signatures(hashes, thumbs))
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{count} pictures: {time.process_time() - start:.1f} CPU seconds, {used} MB, "
        f"{len(found)} found"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--cost", type=int)
    args = parser.parse_args()
    if args.cost:
        print_cost(args.cost)
    if args.folders:
        print_quality(args.folders)
