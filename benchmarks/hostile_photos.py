"""CPU time and memory that files cost which are cheap to send, one process each.

    PYTHONPATH=. python benchmarks/hostile_photos.py

Each file is read as an upload is: its pixels at the size at which text is read, and its metadata.
CPU seconds and peak memory are those of the decoding processes, not of this one.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.images.decode import decode_photo
from geoagent_graph.images.decoders import DECODERS
from geoagent_graph.images.exif import read_file_claims
from geoagent_graph.settings import Settings
from tests.support import hostile_photos as hostile


def encoded(image: Image.Image, image_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def small_jpeg() -> bytes:
    return encoded(Image.new("RGB", (64, 48), "teal"), "JPEG")


def photo_like(side_px: int) -> Image.Image:
    return Image.effect_noise((side_px, side_px), 60).convert("RGB")


FILES: dict[str, Callable[[], bytes]] = {
    "progressive JPEG, 5,000 scans": lambda: hostile.many_scans(5_000),
    "TIFF, 45 MB of pages": lambda: hostile.many_pages(440_000),
    "JPEG, 60 MB of padding": lambda: hostile.padded_jpeg(small_jpeg(), 60_000_000),
    "JPEG, 60 MB of escaped bytes": lambda: hostile.padded_jpeg(
        small_jpeg(), 60_000_000, b"\xff\0"
    ),
    "JPEG, 60 MB of comments": lambda: hostile.many_segments(small_jpeg(), 15_000_000),
    "WebP of one colour, 59 megapixels": hostile.one_colour_webp,
    "PNG of one colour, 59 megapixels": hostile.one_colour_png,
    "PNG, 60 MB of chunks": lambda: hostile.many_chunks(5_000_000),
    "GIF, 60 MB of blocks": lambda: hostile.many_blocks(30_000_000),
    "AVIF of one colour, 59 megapixels": lambda: encoded(
        Image.new("RGB", (7680, 7680), "teal"), "AVIF", speed=10
    ),
    "AVIF of noise, 59 megapixels": lambda: encoded(photo_like(7680), "AVIF", speed=10, quality=20),
    "WebP of noise, 50 megapixels": lambda: encoded(photo_like(7072), "WEBP", method=0),
    "good: JPEG, 50 megapixels": lambda: encoded(photo_like(7072), "JPEG", quality=90),
    "good: progressive JPEG, 50 megapixels": lambda: encoded(
        photo_like(7072), "JPEG", quality=90, progressive=True
    ),
    "good: PNG, 24 megapixels": lambda: encoded(photo_like(4899), "PNG", compress_level=1),
    "good: WebP, 24 megapixels": lambda: encoded(photo_like(4899), "WEBP", method=0),
    "good: AVIF, 24 megapixels": lambda: encoded(photo_like(4899), "AVIF", speed=10),
}


def cost_of(path: Path) -> dict[str, object]:
    """Return what reading a file costs; this process is small, or its memory would count too."""
    data = path.read_bytes()
    settings = Settings()
    try:
        photo = decode_photo(data, "file", settings, settings.ocr_max_side)
        said = f"{photo.width} x {photo.height}; {'; '.join(photo.warnings)}"
    except GeoAgentError as error:
        said = str(error)
    read_file_claims(data, settings)
    DECODERS.close()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "kb": len(data) // 1000,
        "cpu": used.ru_utime + used.ru_stime,
        "mb": used.ru_maxrss // 1024,
        "said": said,
    }


def run_apart(*arguments: object) -> str:
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.check_output(command, text=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="WORDS", default="", help="files with these words")
    parser.add_argument("--write", metavar=("NAME", "FILE"), nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--cost", metavar="FILE", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        name, path = given.write
        Path(path).write_bytes(FILES[name]())
    elif given.cost:
        print(json.dumps(cost_of(given.cost)))
    else:
        print_table([name for name in FILES if given.only in name])


def print_table(names: list[str]) -> None:
    print(f"{'file':<40}{'kB':>8}{'CPU s':>8}{'MB':>7}  said")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo"
        for name in names:
            run_apart("--write", name, path)
            cost = json.loads(run_apart("--cost", path))
            row = f"{name:<40}{cost['kb']:>8,}{cost['cpu']:>8.2f}{cost['mb']:>7,}"
            print(f"{row}  {cost['said']}", flush=True)


if __name__ == "__main__":
    main()
