"""Takes the pictures of the README: the page, the report and the terminal, on a drawn street.

    python tools/screenshots.py --out docs/pictures

Needs the extra `serve`, the Python package `playwright`, an installed Chromium, and tmux for the
terminal.
"""

import argparse
import io
import math
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from draw_signs import draw_signs
from draw_street import draw_sky, draw_street
from PIL import ExifTags, Image
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text
from scipy.spatial import KDTree

MOST_BYTES = 300_000
EXACT_COLORS = 128
WAIT_MS = 120_000
COLUMNS, ROWS = 104, 58
TERMINAL_HTML = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #1b1d1f; color: #e8e4dc; }}
pre {{ margin: 0; padding: 18px 22px; width: max-content; }}
pre {{ font: 15px/18px "DejaVu Sans Mono", monospace; }}
i {{ font-style: normal; font-size: 82.25%; line-height: 0; }}
</style><pre>{code}</pre>"""
TERMINAL_COLORS = TerminalTheme(
    (27, 29, 31),
    (232, 228, 220),
    [
        (27, 29, 31),
        (255, 133, 98),
        (124, 199, 154),
        (221, 180, 90),
        (141, 180, 203),
        (196, 160, 200),
        (125, 200, 205),
        (232, 228, 220),
    ],
)


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run `geoagent serve` and yield its address."""
    command = [
        sys.executable,
        "-m",
        "geoagent_graph.cli",
        "serve",
        "--port",
        "0",
        "--home",
        str(home),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@contextmanager
def tab(browser: Browser, url: str, width: int, height: int, scheme: str) -> Iterator[Page]:
    """Yield the page in a window of that size."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        device_scale_factor=2 if width < 500 else 1,
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    page.wait_for_selector("main > :not([hidden]) h1")
    yield page
    context.close()


def investigate(page: Page, photo: Path, ask: str = "never") -> None:
    """Give the page a photo and wait until its run stops."""
    page.check(f"input[name=ask][value={ask}]")
    page.set_input_files("#file", photo)
    page.wait_for_selector("#status[data-status=answered], #status[data-status=waiting]")
    settle(page)


def settle(page: Page) -> None:
    """Wait for the map's finest outlines and its towns."""
    page.wait_for_timeout(4000)


def keep(png: bytes, path: Path) -> None:
    """Write a picture small enough for a README."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    if stream.tell() > MOST_BYTES:
        stream = io.BytesIO()
        with_fewer_colors(image).save(stream, "PNG", optimize=True)
    path.write_bytes(stream.getvalue())
    print(f"{path}: {image.width} x {image.height}, {stream.tell() // 1000} kB")


def with_fewer_colors(image: Image.Image) -> Image.Image:
    """Return it in 256 colours: those of the page as they are, those of the photo nearly so."""
    counted = sorted(image.getcolors(1 << 24) or [], reverse=True)
    exact: list[Any] = [color for _, color in counted[:EXACT_COLORS]]
    rest: list[Any] = [
        color for count, color in counted[EXACT_COLORS:] for _ in range(math.isqrt(count))
    ]
    sample = Image.new("RGB", (len(rest), 1))
    sample.putdata(rest)
    found = sample.quantize(256 - EXACT_COLORS, Image.Quantize.MEDIANCUT).getpalette() or []
    colors = np.array([value for color in exact for value in color] + found).reshape(-1, 3)
    nearest = KDTree(colors).query(np.asarray(image).reshape(-1, 3))[1]
    fewer = Image.fromarray(nearest.reshape(image.height, image.width).astype(np.uint8), "P")
    fewer.putpalette(colors.astype(np.uint8).tobytes())
    return fewer


def shoot_pages(browser: Browser, url: str, photo: Path, out: Path) -> str:
    """Take the pictures of the page and return the address of the answered case."""
    with tab(browser, url, 1280, 1120, "light") as page:
        investigate(page, photo)
        page.mouse.move(0, 0)
        keep(page.screenshot(), out / "page-light.png")
        address = page.url
    with tab(browser, f"{address}&step=12", 1280, 860, "dark") as page:
        settle(page)
        page.evaluate("document.querySelector('#step-1').scrollIntoView()")
        page.hover("#step .spoken li >> nth=1")
        keep(page.screenshot(), out / "page-dark.png")
    with tab(browser, url, 1280, 1060, "light") as page:
        investigate(page, photo, "always")
        page.click("#question button[type=submit]")
        page.wait_for_selector("#question-title:has-text('country')")
        page.check("input[name=way][value=map_region]")
        for place, value in enumerate(("41.2", "-6.5", "330")):
            page.fill(f"#question input[type=number] >> nth={place}", value)
        settle(page)
        page.evaluate("document.querySelector('#levels').scrollIntoView()")
        keep(page.screenshot(), out / "page-question.png")
    with tab(browser, address, 360, 1150, "dark") as page:
        settle(page)
        keep(page.screenshot(), out / "page-phone.png")
    return address


def shoot_desk(browser: Browser, address: str, out: Path) -> None:
    """Take the pictures of the photo bench, of a trip, and of the page from right to left."""
    url = address.split("#")[0]
    with tab(browser, address, 1280, 640, "light") as page:
        settle(page)
        page.click("#photo-zoom-in")
        page.click("#photo-lens")
        page.click("#facts-summary")
        page.evaluate("document.querySelector('#frame').scrollIntoView()")
        page.mouse.move(260, 200)
        settle(page)
        keep(page.screenshot(), out / "page-bench.png")
    with tab(browser, url, 1280, 1100, "light") as page, tempfile.TemporaryDirectory() as folder:
        page.set_input_files("#file", trip_photos(Path(folder)))
        page.click("#together-trip")
        page.wait_for_selector("#trip-report")
        settle(page)
        keep(page.screenshot(), out / "page-trip.png")
    with tab(browser, url, 1280, 1000, "light") as page:
        page.context.add_cookies([{"name": "geoagent_language", "value": "ar", "url": url}])
        page.goto(address)
        page.reload()
        settle(page)
        keep(page.screenshot(), out / "page-arabic.png")


def trip_photos(folder: Path) -> list[Path]:
    """Draw three photos of one morning: two streets and, between them, one without a word."""
    rows, _ = draw_signs(folder, 1, lambda _, sign: sign.town == "Guimarães")
    scenes = {
        "10:05": draw_street(0),
        "10:20": draw_sky(random.Random(1)),
        "10:50": Image.open(folder / rows[0]["file"]),
    }
    paths = []
    for time_taken, scene in scenes.items():
        exif = Image.Exif()
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = (
            f"2024:05:01 {time_taken}:00"
        )
        paths.append(folder / f"{time_taken.replace(':', '')}.jpg")
        scene.save(paths[-1], quality=88, exif=exif)
    return paths


def shoot_report(browser: Browser, address: str, out: Path) -> None:
    """Take the picture of the exported report."""
    case = address.split("case=")[1]
    base = address.split("#")[0]
    with tab(browser, address, 1280, 1000, "light") as page:
        html = page.request.get(f"{base}v1/cases/{case}/report?format=html").text()
    page = browser.new_page(viewport={"width": 1180, "height": 1100}, color_scheme="light")
    page.set_content(html)
    keep(page.screenshot(), out / "report.png")
    page.close()


def shoot_terminal(browser: Browser, photo: Path, out: Path) -> None:
    """Take the picture of a run in a terminal of its own."""
    if shutil.which("tmux") is None:
        sys.exit("tmux is not installed: no picture of the terminal")
    geoagent = shlex.quote(str(Path(sys.executable).parent / "geoagent"))
    told = f"printf '$ geoagent {photo.name}\\n'; {geoagent} {photo.name}"
    shown = f"{told}; printf '$ '; touch done; sleep 600"
    tmux = ["tmux", "-L", f"screenshots-{photo.parent.name}"]
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    subprocess.run([*tmux, "new-session", "-d", *size, "-c", photo.parent, shown], check=True)
    try:
        while not (photo.parent / "done").exists():
            time.sleep(0.5)
        time.sleep(0.5)
        captured = subprocess.run(
            [*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True
        ).stdout
    finally:
        subprocess.run([*tmux, "kill-session"], check=True)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(captured.rstrip()), soft_wrap=True)
    html = console.export_html(theme=TERMINAL_COLORS, code_format=TERMINAL_HTML, inline_styles=True)
    # The usual font has no Braille; the one that has it is wider.
    html = re.sub("[\u2800-\u28ff]+", r"<i>\g<0></i>", html)
    page = browser.new_page(viewport={"width": 1000, "height": 300})
    page.set_content(html)
    keep(page.locator("pre").screenshot(), out / "terminal.png")
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"), help="folder to write")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        photo = Path(folder) / "street.jpg"
        draw_street(0).save(photo, quality=88)
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        with server(Path(folder) / "home") as url:
            address = shoot_pages(browser, url, photo, options.out)
            shoot_desk(browser, address, options.out)
            shoot_report(browser, address, options.out)
        shoot_terminal(browser, photo, options.out)
        browser.close()


if __name__ == "__main__":
    main()
