"""Counts the lines that a photo of 12 megapixels keeps of those that a crop of it reads.

    python benchmarks/large_photos.py SIGNS.jsonl [--scenery OTHERS.jsonl] [--photos N] [--half 1]

SIGNS and OTHERS have one JSON object per line with `file`. No photo of that size need be at hand,
so photos of 4,000 x 3,000 pixels are put together from smaller real ones:

    pasted    sign photos at their own size on a photo of OTHERS that is enlarged
    mosaic    photos of OTHERS at about their own size, some sign photos between them
    scaled    photos of OTHERS made smaller, so sharper, and sign photos of any size between them
    enlarged  one sign photo, enlarged

A crop has 1 megapixel. Its line counts where it is readable, has two letters or digits and does not
touch the crop's edge; it is kept where the whole photo has the same text at the same place, or more
of it. Beside the whole photo stand a baseline, the photo reduced to the detector's size, and a
bound: the same crop moved by a few pixels, which does not read every line alike either. Prints the
share of lines kept, of those kept or nearly so (a letter or two differ), of those of which nothing
was read, and CPU seconds a photo. `--half` takes every other photo, by a checksum of its name:
`tools/fit_text_cells.py` fits on half 0.
"""

import argparse
import json
import random
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from geoagent_graph.perception.rapid_ocr import MAX_DETECTION_SIDE_PX
from geoagent_graph.perception.text_detector import reduce_photo
from geoagent_graph.perception.text_reader import SignReader
from geoagent_graph.protocols import TextLine
from geoagent_graph.settings import Settings, prepare_process

WIDTH_PX, HEIGHT_PX = 4000, 3000
CROP_WIDTH_PX, CROP_HEIGHT_PX = 1154, 866
EDGE_SHARE = 0.01  # of the crop: a line nearer to its edge may be cut
MIN_LIKENESS = 0.75
MOVED_PX = (37, 29)  # of the crop that is read once more: left and up
SIGN_SCALES = (0.6, 1.5)
KINDS = ("pasted", "mosaic", "scaled", "enlarged")
Pixels = NDArray[np.uint8]
Corner = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LargePhoto:
    """A photo put together, and where in it 1 megapixel crops are taken: left and top."""

    pixels: Pixels
    crops: list[Corner]


def open_photo(path: Path) -> Image.Image:
    """Return a photo in RGB."""
    with Image.open(path) as image:
        return image.convert("RGB")


def crop_around(left: int, top: int, size: tuple[int, int]) -> Corner:
    """Return the corner of a crop with a part of the photo in its middle."""
    across, down = left + size[0] // 2, top + size[1] // 2
    return (
        min(max(0, across - CROP_WIDTH_PX // 2), WIDTH_PX - CROP_WIDTH_PX),
        min(max(0, down - CROP_HEIGHT_PX // 2), HEIGHT_PX - CROP_HEIGHT_PX),
    )


def with_signs(
    canvas: Image.Image, signs: list[Path], chance: random.Random, *, scaled: bool = False
) -> LargePhoto:
    """Return a photo with two sign photos on it, at their own size or any, one in either half."""
    crops = []
    for column, path in enumerate(signs[:2]):
        sign = open_photo(path)
        if scaled:
            sign = ImageOps.scale(sign, chance.uniform(*SIGN_SCALES))
        left = column * WIDTH_PX // 2 + chance.randrange(WIDTH_PX // 2 - sign.width)
        top = chance.randrange(HEIGHT_PX - sign.height)
        canvas.paste(sign, (left, top))
        crops.append(crop_around(left, top, sign.size))
    return LargePhoto(np.asarray(canvas), crops)


def paste(signs: list[Path], scenery: list[Path], chance: random.Random) -> LargePhoto:
    """Return two sign photos at their own size on an enlarged photo."""
    canvas = open_photo(chance.choice(scenery)).resize(
        (WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC
    )
    return with_signs(canvas, signs, chance)


def fill_with(scenery: list[Path], size: tuple[int, int], chance: random.Random) -> Image.Image:
    """Return a photo full of others, each of a size."""
    canvas = Image.new("RGB", (WIDTH_PX, HEIGHT_PX))
    for top in range(0, HEIGHT_PX, size[1]):
        for left in range(0, WIDTH_PX, size[0]):
            canvas.paste(ImageOps.fit(open_photo(chance.choice(scenery)), size), (left, top))
    return canvas


def lay_mosaic(signs: list[Path], scenery: list[Path], chance: random.Random) -> LargePhoto:
    """Return a photo full of others, two sign photos among them."""
    return with_signs(fill_with(scenery, (600, 480), chance), signs, chance)


def lay_scaled(signs: list[Path], scenery: list[Path], chance: random.Random) -> LargePhoto:
    """Return a photo full of others made smaller, two sign photos of any size among them."""
    return with_signs(fill_with(scenery, (400, 320), chance), signs, chance, scaled=True)


def enlarge(signs: list[Path], _scenery: list[Path], chance: random.Random) -> LargePhoto:
    """Return one sign photo enlarged, with a crop in its middle and one elsewhere."""
    sign = open_photo(signs[0]).resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
    other = chance.randrange(WIDTH_PX), chance.randrange(HEIGHT_PX)
    middle = crop_around(0, 0, (WIDTH_PX, HEIGHT_PX))
    return LargePhoto(np.asarray(sign), [middle, crop_around(*other, (1, 1))])


def large_photos(
    kind: str, signs: list[Path], scenery: list[Path], count: int
) -> Iterator[LargePhoto]:
    """Yield photos of one kind; the same ones on every call."""
    chance = random.Random(f"{kind} 12 megapixels")
    make = {"pasted": paste, "mosaic": lay_mosaic, "scaled": lay_scaled, "enlarged": enlarge}[kind]
    for _ in range(count):
        yield make(chance.sample(signs, 2), scenery, chance)


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line that counts, and its box in pixels of the whole photo."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def whole_lines(reader: SignReader, photo: LargePhoto) -> Iterator[PlacedLine]:
    """Yield the lines that the whole photo reads."""
    yield from place_lines(reader.read(photo.pixels), (0, 0), (WIDTH_PX, HEIGHT_PX))


def reduced_lines(reader: SignReader, photo: LargePhoto) -> Iterator[PlacedLine]:
    """Yield the lines that are read in the photo reduced to the size of the detector."""
    small = reduce_photo(photo.pixels, MAX_DETECTION_SIDE_PX)
    yield from place_lines(reader.read(small), (0, 0), (WIDTH_PX, HEIGHT_PX))


def crop_lines(reader: SignReader, photo: LargePhoto) -> Iterator[PlacedLine]:
    """Yield the lines that crops read, those that are away from the edge of theirs."""
    for left, top in photo.crops:
        lines = [line for line in read_crop(reader, photo, (left, top)) if not is_cut(line)]
        yield from place_lines(lines, (left, top), (CROP_WIDTH_PX, CROP_HEIGHT_PX))


def moved_lines(reader: SignReader, photo: LargePhoto) -> Iterator[PlacedLine]:
    """Yield the lines that crops read which are moved by a few pixels."""
    for left, top in photo.crops:
        corner = abs(left - MOVED_PX[0]), abs(top - MOVED_PX[1])
        lines = read_crop(reader, photo, corner)
        yield from place_lines(lines, corner, (CROP_WIDTH_PX, CROP_HEIGHT_PX))


def read_crop(reader: SignReader, photo: LargePhoto, corner: Corner) -> list[TextLine]:
    """Return the lines of one crop."""
    left, top = corner
    crop = photo.pixels[top : top + CROP_HEIGHT_PX, left : left + CROP_WIDTH_PX]
    return reader.read(np.ascontiguousarray(crop))


def is_cut(line: TextLine) -> bool:
    """Return whether a line may be cut by the edge of its crop."""
    box = line.box
    return min(box.left, box.top, 1.0 - box.right, 1.0 - box.bottom) <= EDGE_SHARE


def place_lines(lines: list[TextLine], corner: Corner, size: Corner) -> Iterator[PlacedLine]:
    """Yield the lines that count in a part of the photo, in pixels of the whole."""
    for line in filter(counts, lines):
        left, right = (corner[0] + x * size[0] for x in (line.box.left, line.box.right))
        top, bottom = (corner[1] + y * size[1] for y in (line.box.top, line.box.bottom))
        yield PlacedLine(line.text, left, top, right, bottom)


def counts(line: TextLine) -> bool:
    """Return whether a line is one that must be kept."""
    return line.readable and sum(map(str.isalnum, line.text)) >= 2


def texts_at(lines: list[PlacedLine], line: PlacedLine) -> list[str]:
    """Return the texts of the lines that hold the middle of another one."""
    x, y = (line.left + line.right) / 2, (line.top + line.bottom) / 2
    return [
        other.text
        for other in lines
        if other.left <= x <= other.right and other.top <= y <= other.bottom
    ]


def likeness(text: str, other: str) -> float:
    """Return how much of a text another one holds, in [0, 1], without its spaces."""
    wanted, given = ("".join(words.split()) for words in (text, other))
    if wanted in given:
        return 1.0
    return SequenceMatcher(None, wanted, given, autojunk=False).ratio()


WAYS: dict[str, Callable[[SignReader, LargePhoto], Iterator[PlacedLine]]] = {
    "reduced": reduced_lines,
    "whole": whole_lines,
    "moved crop": moved_lines,
}


@dataclass(slots=True)
class Kept:
    """How many lines one way of reading keeps, and the CPU seconds it took."""

    read: int = 0
    kept: int = 0
    alike: int = 0
    missed: int = 0
    seconds: float = 0.0


def measure(
    reader: SignReader, photos: Iterator[LargePhoto], kind: str, *, show_lost: bool
) -> None:
    """Print what is kept of one kind of photos, by each way of reading."""
    ways = {way: Kept() for way in WAYS}
    count = 0
    for count, photo in enumerate(photos, start=1):  # noqa: B007
        wanted = list(crop_lines(reader, photo))
        for way, read in WAYS.items():
            began, so_far = time.process_time(), ways[way]
            lines = list(read(reader, photo))
            so_far.seconds += time.process_time() - began
            for line in wanted:
                found = texts_at(lines, line)
                share = max((likeness(line.text, other) for other in found), default=0.0)
                so_far.read += 1
                so_far.kept += share == 1.0
                so_far.alike += share >= MIN_LIKENESS
                so_far.missed += not found
                if show_lost and way == "whole" and share < 1.0:
                    print(f"lost: {line.text!r} {found}")
    for way, so_far in ways.items():
        total = max(1, so_far.read)
        print(
            f"{kind:9}{way:11}{so_far.kept:4} of {so_far.read} kept ({so_far.kept / total:.0%}), "
            f"{so_far.alike / total:.0%} nearly so, {so_far.missed} missed, "
            f"{so_far.seconds / max(1, count):.2f} CPU s a photo",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("signs", type=Path)
    parser.add_argument("--scenery", type=Path, help="photos without much text; SIGNS without it")
    parser.add_argument("--photos", type=int, default=10, help="of each kind")
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--half", type=int, choices=(0, 1), help="every other photo")
    parser.add_argument("--lost", action="store_true", help="print the lines that are lost")
    arguments = parser.parse_args()
    prepare_process()
    signs = photo_paths(arguments.signs, arguments.half)
    scenery = photo_paths(arguments.scenery, arguments.half) if arguments.scenery else signs
    with tempfile.TemporaryDirectory() as nothing:
        reader = SignReader(Settings(tessdata_dir=Path(nothing), weights_dir=Path(nothing)))
    for kind in arguments.kind or KINDS:
        photos = large_photos(kind, signs, scenery, arguments.photos)
        measure(reader, photos, kind, show_lost=arguments.lost)


def photo_paths(metadata: Path, half: int | None = None) -> list[Path]:
    """Return the photos that a file of metadata names, all or every other one."""
    rows = [json.loads(line) for line in metadata.read_text().splitlines()]
    paths = [path for row in rows if (path := metadata.parent / row["file"]).is_file()]
    return [path for path in paths if half is None or half_of(path) == half]


def half_of(path: Path) -> int:
    """Return 0 or 1 by the name of a photo."""
    return zlib.crc32(path.name.encode()) % 2


if __name__ == "__main__":
    main()
