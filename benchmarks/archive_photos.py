"""Makes an archive to measure with: drawn signs, and real photos again and again, no two alike.

    python -m benchmarks.archive_photos PHOTOS [PHOTOS ...] --out OUT --photos 2000

A third are signs of `tools/draw_signs.py`, each drawn anew; the others are those of the folders,
cut at their edges by a few pixels and saved again: each has bytes and pixels of its own. Needs
fontconfig and fonts, as the signs do.
"""

import argparse
import random
import tempfile
from pathlib import Path

from PIL import Image

from geoagent_graph.kept_answers import photos_in
from tools.draw_signs import draw_signs, load_signs

SIGNS_SHARE = 3  # one in so many
MAX_CUT_PX = 12
MIN_QUALITY, MAX_QUALITY = 82, 94


def cut_edges(photo: Path, target: Path, rng: random.Random) -> None:
    """Save a photo without a few pixels of its edges."""
    with Image.open(photo) as opened:
        pixels = opened.convert("RGB")
    left, top, right, low = (rng.randint(0, MAX_CUT_PX) for _ in range(4))
    part = pixels.crop((left, top, pixels.width - right, pixels.height - low))
    part.save(target, quality=rng.randint(MIN_QUALITY, MAX_QUALITY))


def make_signs(folder: Path, count: int) -> list[Path]:
    """Draw so many signs and return where they are."""
    made: list[Path] = []
    known = len(load_signs())
    for seed in range(-(-count // known)):
        target = folder / f"seed{seed}"
        target.mkdir()
        wanted = count - len(made)
        rows, _ = draw_signs(target, seed, lambda number, _sign, wanted=wanted: number < wanted)  # type: ignore[misc]
        made += [target / row["file"] for row in rows]
    return made


def make_archive(photos: list[Path], out: Path, count: int, seed: int) -> int:
    """Write an archive and return how many of its photos are drawn signs."""
    rng = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        signs = make_signs(Path(room), count // SIGNS_SHARE)
        for number, sign in enumerate(signs):
            sign.replace(out / f"{SIGNS_SHARE * number:06d}.jpg")
    free = [name for n in range(count) if not (name := out / f"{n:06d}.jpg").exists()]
    for number, target in enumerate(free):
        cut_edges(photos[number % len(photos)], target, rng)
    return len(signs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="+", help="of real photos")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    photos = [photo for folder in given.folder for photo in photos_in(folder)]
    signs = make_archive(photos, given.out, given.photos, given.seed)
    print(f"{given.out}: {signs} drawn signs, {given.photos - signs} real photos, changed")


if __name__ == "__main__":
    main()
