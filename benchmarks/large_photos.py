"""Counts the lines that a photo of 12 megapixels keeps of those that a crop of it reads.

    python benchmarks/large_photos.py SIGNS.jsonl [--scenery OTHERS.jsonl] [--photos N]

SIGNS and OTHERS have one JSON object per line with `file`. No photo of that size need be at hand,
so photos of 4,000 x 3,000 pixels are put together from smaller real ones:

    pasted    sign photos at their own size on a photo of OTHERS that is enlarged
    mosaic    photos of OTHERS at about their own size, some sign photos between them
    enlarged  one sign photo, enlarged

A crop has 1 megapixel. Its line counts where it is readable, has two letters or digits and does not
touch the crop's edge; it is kept where the whole photo has the same text at the same place, or more
of it. Prints the share, that of lines kept or nearly so (a letter or two differ), what was lost and
CPU seconds a photo.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from geoagent_graph.perception.text_reader import SignReader
from geoagent_graph.protocols import TextLine
from geoagent_graph.settings import Settings, prepare_process

WIDTH_PX, HEIGHT_PX = 4000, 3000
CROP_WIDTH_PX, CROP_HEIGHT_PX = 1154, 866
EDGE_SHARE = 0.01  # of the crop: a line nearer to its edge may be cut
MIN_LIKENESS = 0.75
KINDS = ("pasted", "mosaic", "enlarged")
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


def with_signs(canvas: Image.Image, signs: list[Path], chance: random.Random) -> LargePhoto:
    """Return a photo with two sign photos at their own size on it, one in either half."""
    crops = []
    for column, path in enumerate(signs[:2]):
        sign = open_photo(path)
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


def lay_mosaic(signs: list[Path], scenery: list[Path], chance: random.Random) -> LargePhoto:
    """Return a photo full of others, two sign photos among them."""
    canvas = Image.new("RGB", (WIDTH_PX, HEIGHT_PX))
    for top in range(0, HEIGHT_PX, 480):
        for left in range(0, WIDTH_PX, 600):
            part = ImageOps.fit(open_photo(chance.choice(scenery)), (600, 480))
            canvas.paste(part, (left, top))
    return with_signs(canvas, signs, chance)


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
    make = {"pasted": paste, "mosaic": lay_mosaic, "enlarged": enlarge}[kind]
    for _ in range(count):
        yield make(chance.sample(signs, 2), scenery, chance)


def crop_lines(reader: SignReader, photo: LargePhoto) -> Iterator[tuple[str, float, float]]:
    """Yield the lines that crops read: text and the middle of each in pixels of the photo."""
    for left, top in photo.crops:
        crop = photo.pixels[top : top + CROP_HEIGHT_PX, left : left + CROP_WIDTH_PX]
        for line in reader.read(np.ascontiguousarray(crop)):
            box = line.box
            edge = min(box.left, box.top, 1.0 - box.right, 1.0 - box.bottom)
            if counts(line) and edge > EDGE_SHARE:
                across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
                yield line.text, left + across * CROP_WIDTH_PX, top + down * CROP_HEIGHT_PX


def counts(line: TextLine) -> bool:
    """Return whether a line is one that must be kept."""
    return line.readable and sum(map(str.isalnum, line.text)) >= 2


def texts_at(lines: list[TextLine], across: float, down: float) -> list[str]:
    """Return the texts of the lines of the whole photo that hold a point."""
    x, y = across / WIDTH_PX, down / HEIGHT_PX
    return [
        line.text
        for line in lines
        if line.box.left <= x <= line.box.right and line.box.top <= y <= line.box.bottom
    ]


def likeness(text: str, other: str) -> float:
    """Return how much of a text another one holds, in [0, 1], without its spaces."""
    wanted, given = ("".join(words.split()) for words in (text, other))
    if wanted in given:
        return 1.0
    return SequenceMatcher(None, wanted, given, autojunk=False).ratio()


def measure(reader: SignReader, photos: Iterator[LargePhoto], kind: str) -> None:
    """Print what is kept of one kind of photos."""
    read = kept = alike = count = 0
    seconds = 0.0
    for photo in photos:
        began = time.process_time()
        lines = reader.read(photo.pixels)
        seconds += time.process_time() - began
        count += 1
        for text, across, down in crop_lines(reader, photo):
            found = texts_at(lines, across, down)
            read += 1
            share = max((likeness(text, other) for other in found), default=0.0)
            kept += share == 1.0
            alike += share >= MIN_LIKENESS
            if share < 1.0:
                print(f"lost: {text!r} {found}")
    print(
        f"{kind}: {count} photos, {kept} of {read} lines kept ({kept / max(1, read):.1%}), "
        f"{alike} kept or nearly so, {seconds / max(1, count):.2f} CPU s a photo"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("signs", type=Path)
    parser.add_argument("--scenery", type=Path, help="photos without much text; SIGNS without it")
    parser.add_argument("--photos", type=int, default=10, help="of each kind")
    parser.add_argument("--kind", choices=KINDS, action="append")
    arguments = parser.parse_args()
    prepare_process()
    signs = photo_paths(arguments.signs)
    scenery = photo_paths(arguments.scenery) if arguments.scenery else signs
    with tempfile.TemporaryDirectory() as nothing:
        reader = SignReader(Settings(tessdata_dir=Path(nothing), weights_dir=Path(nothing)))
    for kind in arguments.kind or KINDS:
        measure(reader, large_photos(kind, signs, scenery, arguments.photos), kind)


def photo_paths(metadata: Path) -> list[Path]:
    """Return the photos that a file of metadata names."""
    rows = [json.loads(line) for line in metadata.read_text().splitlines()]
    return [path for row in rows if (path := metadata.parent / row["file"]).is_file()]


if __name__ == "__main__":
    main()
